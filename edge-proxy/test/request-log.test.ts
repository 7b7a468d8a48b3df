import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { WebSocket } from 'ws';
import { hashOf } from '../src/domain/split.ts';
import { answeringAs, startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';
import { readableLog } from './logged.ts';

const { log, lines, next } = readableLog();
let edge: EdgeUnderTest;

beforeAll(async () => {
  edge = await startEdgeUnderTest({ log, env: { EDGE_ID: 'edge-7' }, route: { initialWeight: 100 } });
});
afterEach(() => {
  edge.coach.behave(answeringAs('coach'));
  edge.legacy.behave(answeringAs('legacy'));
  expect(lines).toEqual([]);
});
afterAll(async () => await edge[Symbol.asyncDispose]());

const HEADERS = { 'x-request-id': 'req/1' };
const person = () => ({ authorization: `Bearer ${edge.tokens.issue({ sub: 'ada' })}` });

describe('a request has one line', () => {
  test('that tells all of it, under its id, and nothing of what the person sent', async () => {
    await edge.get('/fitness/wod?token=secret', { headers: { ...HEADERS, ...person() } });
    const [line] = await next();
    const hash = hashOf('wod', 'ada');
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'edge-proxy',
      edge: 'edge-7',
      requestId: 'req/1',
      route: 'wod',
      side: 'new',
      by: 'weight',
      cohort: expect.closeTo((hash / 0xffffffff) * 100, 1),
      method: 'GET',
      status: 200,
      servedBy: 'coach',
      durationMs: expect.any(Number),
      upstreamMs: expect.any(Number),
      requestBytes: 0,
      responseBytes: '{"by":"coach"}'.length,
      msg: 'request',
    });
    expect(Math.abs(Date.parse(String(line!['time'])) - Date.now())).toBeLessThan(60_000);
    expect(Number(line!['durationMs'])).toBeGreaterThanOrEqual(Number(line!['upstreamMs']));
    expect(Number(line!['upstreamMs'])).toBeGreaterThan(0);
  });

  test('of level warn where an upstream failed, with what saved it', async () => {
    edge.coach.behave((_request, res) => void res.socket!.destroy());
    await edge.get('/fitness/wod', { headers: HEADERS });
    expect(await next()).toMatchObject([
      { level: 'warn', route: 'wod', side: 'new', status: 200, servedBy: 'legacy', fallback: 'reset', msg: 'request' },
    ]);
  });

  test('of level warn where nobody could save it', async () => {
    edge.legacy.behave((_request, res) => void res.writeHead(500).end('no'));
    await edge.get('/exercises');
    const [line] = await next();
    expect(line).toMatchObject({ level: 'warn', status: 500, servedBy: 'legacy', responseBytes: 2 });
    expect(line).not.toHaveProperty('route');
    expect(line).not.toHaveProperty('cohort');
  });

  test('of level info where the client left', async () => {
    const leaving = new AbortController();
    edge.legacy.behave(() => leaving.abort());
    await expect(edge.get('/slow', { signal: leaving.signal })).rejects.toThrow();
    const [line] = await next();
    expect(line).toMatchObject({ level: 'info', fault: 'client-left', responseBytes: 0 });
    expect(line).not.toHaveProperty('status');
  });

  test('with the sizes of both bodies as they were passed on', async () => {
    edge.legacy.behave((_request, res) => {
      res.write('a'.repeat(70_000));
      res.end('b'.repeat(30_000));
    });
    await edge.get('/upload', { method: 'POST', body: 'c'.repeat(12_345) });
    expect(await next()).toMatchObject([{ method: 'POST', requestBytes: 12_345, responseBytes: 100_000 }]);
  });

  test('with the way that a tester chose', async () => {
    const authorization = `Bearer ${edge.tokens.issue({ roles: ['tester'] })}`;
    await edge.get('/fitness/wod', { headers: { authorization, 'x-edge-prefer': 'legacy' } });
    const [line] = await next();
    expect(line).toMatchObject({ side: expect.stringMatching(/old|new/), by: expect.any(String) });
  });

  test.each([
    ['TRACE', 'TRACE /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', { method: 'TRACE', status: 405 }],
    ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', { method: 'CONNECT', status: 405 }],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', { status: 400 }],
    ['an internal path', 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', { status: 404 }],
    [
      'OPTIONS to go no further',
      'OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nConnection: close\r\n\r\n',
      { method: 'OPTIONS', status: 204 },
    ],
    [
      'an upgrade that is not sound',
      'GET /live HTTP/1.1\r\nHost: a, b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      { status: 400 },
    ],
  ])('whatever the edge answers itself: %s', async (_name, bytes, expected) => {
    const answer = await edge.raw(bytes);
    const [line] = await next();
    expect(line).toMatchObject({ level: 'info', msg: 'request', responseBytes: 0, ...expected });
    expect(answer).toMatch(new RegExp(`x-request-id: ${String(line!['requestId'])}`, 'i'));
    expect(line).not.toHaveProperty('servedBy');
  });

  test('an upgrade has one when it is answered', async () => {
    const client = new WebSocket(`${edge.url.replace('http', 'ws')}/fitness/live`, { headers: HEADERS });
    client.on('error', () => undefined);
    // The recorder answers it as any other request.
    expect(await next()).toMatchObject([{ requestId: 'req/1', method: 'GET', status: 200, servedBy: 'legacy' }]);
    client.terminate();
  });
});

test('health, readiness and scrapes have none', async () => {
  await edge.get('/health');
  await edge.get('/ready');
  await (await request(`${edge.adminUrl}/metrics`)).body.dump();
});

test.each([
  ['warn', [{ level: 'warn', fallback: 'server-error' }]],
  ['error', []],
] as const)('LOG_LEVEL=%s leaves out what is sound', async (level, expected) => {
  const quiet = readableLog(level);
  await using another = await startEdgeUnderTest({ log: quiet.log, route: { initialWeight: 100 } });
  await another.get('/fitness/wod');
  another.coach.behave((_request, res) => void res.writeHead(503).end());
  await another.get('/fitness/wod');
  await another.get('/exercises');
  expect(quiet.lines).toMatchObject(expected);
});
