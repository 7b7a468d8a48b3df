import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';
import { readableLog } from './logged.ts';

const upgrades: IncomingMessage[] = [];
const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
const { log, lines } = readableLog();
let edge: EdgeUnderTest;

beforeAll(async () => {
  server.on('upgrade', (req, socket, head) => {
    upgrades.push(req);
    if (req.url === '/refused')
      return void socket.end(
        'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno',
      );
    sockets.handleUpgrade(req, socket, head, (webSocket) => webSocket.on('message', (data) => webSocket.send(data)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  edge = await startEdgeUnderTest({ log, legacyUpstream: { url } });
});
afterAll(async () => {
  await edge[Symbol.asyncDispose]();
  sockets.clients.forEach((client) => client.terminate());
  server.close();
});

const open = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(`${edge.url.replace('http', 'ws')}${path}`, { headers });

test('messages go both ways, and the upstream sees a cleaned head', async () => {
  const client = open('/fitness/live?x=1', {
    authorization: 'Bearer a',
    'x-user-id': 'root',
    'x-forwarded-for': '6.6.6.6',
  });
  await once(client, 'open');
  client.send('ping');
  const [echoed] = (await once(client, 'message')) as [Buffer];
  expect(echoed.toString()).toBe('ping');
  const { url, headers } = upgrades.at(-1)!;
  expect(url).toBe('/fitness/live?x=1');
  expect(headers).toMatchObject({ authorization: 'Bearer a', 'x-forwarded-for': '127.0.0.1', upgrade: 'websocket' });
  expect(headers['sec-websocket-key']).toBeDefined();
  expect(headers).not.toHaveProperty('x-user-id');
  expect(lines.at(-1)).toMatchObject({ level: 'info', method: 'GET', status: 101, servedBy: 'legacy', msg: 'request' });
  client.close();
  await once(client, 'close');
});

test("the upstream's refusal reaches the client", async () => {
  const client = open('/refused');
  const [, answer] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  expect(lines.at(-1)).toMatchObject({ level: 'info', status: 401, servedBy: 'legacy' });
  client.on('error', () => undefined);
  client.terminate();
});

test('an upstream that is gone is a 502, and the edge lives on', async () => {
  const orphaned = readableLog();
  await using orphan = await startEdgeUnderTest({ log: orphaned.log, legacyUpstream: { url: 'http://127.0.0.1:1' } });
  const client = new WebSocket(`${orphan.url.replace('http', 'ws')}/fitness/live`);
  const [, answer] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(answer.statusCode).toBe(502);
  expect(orphaned.lines).toMatchObject([{ level: 'warn', status: 502, fault: 'refused' }]);
  client.on('error', () => undefined);
  client.terminate();
  expect((await orphan.get('/health')).status).toBe(200);
});

test.each([
  ['another protocol', 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n'],
  [
    'a migrated path',
    'GET /fitness/wod HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  ],
])('%s is not upgraded but an ordinary request', async (_name, bytes) => {
  await using plain = await startEdgeUnderTest();
  expect(await plain.raw(bytes)).toMatch(/^HTTP\/1.1 200 /);
  expect(plain.legacy.requests[0]!.headers).not.toHaveProperty('upgrade');
});

test.each([
  [
    'an open WebSocket',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nx-edge-fallback: lie\r\n\r\n',
  ],
  ['a refusal', 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\nx-edge-fallback: lie\r\n\r\nab'],
])('%s that the upstream cuts gets no text of ours', async (_name, answer) => {
  const cutting = createServer().listen(0, '127.0.0.1');
  let cut = () => {};
  cutting.on('upgrade', (_req, socket) => {
    socket.write(answer);
    cut = () => (socket as Socket).resetAndDestroy();
  });
  await once(cutting, 'listening');
  const url = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
  await using under = await startEdgeUnderTest({ legacyUpstream: { url } });
  const client = connect(Number(new URL(under.url).port), '127.0.0.1');
  client.on('error', () => undefined);
  client.write(
    'GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n',
  );
  let received = '';
  client.on('data', (chunk: Buffer) => (received += chunk.toString()));
  await once(client, 'data');
  cut();
  await once(client, 'close');
  expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(received).not.toContain('lie');
  cutting.close();
});

test.each(['/metrics', 'http://a/metrics'])('an upgrade to the internal path %s is a 404', async (target) => {
  const received = await edge.raw(
    `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`,
  );
  expect(received).toMatch(/^HTTP\/1.1 404 /);
});

test('two Authorization fields in an upgrade are refused', async () => {
  const received = await edge.raw(
    'GET /fitness/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n',
  );
  expect(received).toMatch(/^HTTP\/1.1 400 /);
});
