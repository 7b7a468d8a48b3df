import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';

/** Clients and upstreams that break off, come late or answer early: each of these once hurt somebody else. */
let edge: EdgeUnderTest;
beforeAll(async () => (edge = await startEdgeUnderTest()));
afterAll(async () => await edge[Symbol.asyncDispose]());

const afterReset = async (bytes: string) => {
  const socket = connect(Number(new URL(edge.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'data');
  socket.resetAndDestroy();
  await once(socket, 'close');
  return (await edge.get('/alive')).status;
};

test.each([
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['garbage', 'garbage\r\n\r\n'],
])('a reset after %s was refused does not end the edge', async (_name, bytes) => {
  expect(await afterReset(bytes)).toBe(200);
});

test('an upstream that closes kept connections at its idle limit is asked again, once, and only what may be repeated', async () => {
  let calls = 0;
  let resets = 0;
  edge.legacy.behave((_request, res) => {
    calls++;
    if (resets-- > 0) res.socket?.resetAndDestroy();
    else res.end('ok');
  });
  const ask = async (method: 'GET' | 'POST', reset: number) => {
    // Its answer leaves a kept connection behind.
    await edge.get('/warm');
    calls = 0;
    resets = reset;
    const { status } = await edge.get('/a', { method, ...(method === 'POST' && { body: 'x' }) });
    resets = 0;
    return { status, calls };
  };
  expect(await ask('GET', 1)).toEqual({ status: 200, calls: 2 });
  expect(await ask('POST', 1)).toEqual({ status: 502, calls: 1 });
  expect(await ask('GET', 2)).toEqual({ status: 502, calls: 2 });
});

test('a slow upload is not a slow upstream', async () => {
  await using strict = await startEdgeUnderTest({ legacyUpstream: { firstByteTimeoutMs: 500 } });
  const slowly = async function* () {
    for (let part = 0; part < 10; part++) {
      yield Buffer.from('part');
      await new Promise((turn) => setTimeout(turn, 70));
    }
  };
  expect((await strict.get('/a', { method: 'POST', body: Readable.from(slowly()) })).status).toBe(200);
});

test('an answer that begins before the upload ends may take its time with the rest', async () => {
  let received = '';
  await using prompt = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello'));
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (received.endsWith('last part')) setTimeout(() => socket.write('world'), 700);
    });
  }).listen(0, '127.0.0.1');
  await once(prompt, 'listening');
  const url = `http://127.0.0.1:${(prompt.address() as AddressInfo).port}`;
  await using strict = await startEdgeUnderTest({ legacyUpstream: { url, firstByteTimeoutMs: 400 } });
  const socket = connect(Number(new URL(strict.url).port), '127.0.0.1');
  socket.write(`POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n${'x'.repeat(1000)}`);
  let answer = String(((await once(socket, 'data')) as [Buffer])[0]);
  socket.write('last part'.padStart(1000, 'x'));
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).toMatch(/helloworld$/);
});
