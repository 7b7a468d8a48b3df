import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';

/** Long enough for every answer that comes, on a busy machine too; one test waits for it. */
const FIRST_BYTE_TIMEOUT_MS = 2000;

let edge: EdgeUnderTest;
beforeEach(async () => {
  edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS },
  });
});
afterEach(async () => await edge[Symbol.asyncDispose]());

const status =
  (code: number): Behaviour =>
  (_request, res) =>
    sendJson(res, { code }, { 'x-served-by': 'coach' }, code);
const COACH_FAULTS: [string, Behaviour, string][] = [
  ['500', status(500), 'server-error'],
  [
    '503 with X-Failed-Dependency',
    (_r, res) => sendJson(res, {}, { 'x-failed-dependency': 'legacy-monolith' }, 503),
    'server-error',
  ],
  ['a hang', () => undefined, 'first-byte-timeout'],
  ['a reset', (_request, res) => void res.socket?.resetAndDestroy(), 'reset'],
  ['a close', (_request, res) => void res.socket?.end(), 'reset'],
  ['no HTTP', (_request, res) => void res.socket?.end('SSH-2.0-OpenSSH\r\n\r\n'), 'malformed'],
  ['status 000', (_request, res) => void res.socket?.end('HTTP/1.1 000 x\r\ncontent-length: 0\r\n\r\n'), 'malformed'],
  ['status 999', (_request, res) => void res.socket?.end('HTTP/1.1 999 x\r\ncontent-length: 0\r\n\r\n'), 'malformed'],
  ['a NUL in a field', (_request, res) => void res.socket?.end('HTTP/1.1 200 x\r\na: b\0c\r\n\r\n'), 'malformed'],
  [
    'two lengths',
    (_r, res) => void res.socket?.end('HTTP/1.1 200 x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    'malformed',
  ],
];

describe('a coach that fails before its answer began is covered by the monolith', () => {
  test.each(COACH_FAULTS)('%s', async (_name, behaviour, reason) => {
    edge.coach.behave(behaviour);
    const answer = await edge.get('/fitness/wod');
    expect(answer).toMatchObject({ status: 200, body: '{"by":"legacy"}' });
    expect(answer.headers).toMatchObject({ 'x-served-by': 'legacy', 'x-edge-fallback': reason });
    expect(edge.legacy.requestsTo('/fitness/wod')).toHaveLength(1);
  });

  test('refused', async () => {
    await edge.coach.refuse();
    const answer = await edge.get('/fitness/wod');
    expect(answer).toMatchObject({ status: 200, headers: { 'x-served-by': 'legacy', 'x-edge-fallback': 'refused' } });
  });

  test('as many calls in flight as allowed', async () => {
    await using narrow = await startEdgeUnderTest({
      route: { initialWeight: 100 },
      coachUpstream: { maxInFlight: 1, firstByteTimeoutMs: 60_000 },
    });
    let release = () => {};
    narrow.coach.behave((_request, res) => void (release = () => res.end('first')));
    const first = narrow.get('/fitness/wod');
    await narrow.coach.arrived('/fitness/wod', 1);
    const second = await narrow.get('/fitness/wod');
    expect(second.headers).toMatchObject({ 'x-served-by': 'legacy', 'x-edge-fallback': 'overloaded' });
    release();
    expect((await first).body).toBe('first');
  });

  test('a 5xx that drips its body gives its place back', async () => {
    await using narrow = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: { maxInFlight: 1 } });
    narrow.coach.behave((_request, res) => {
      res.writeHead(500).flushHeaders();
      const drip = setInterval(() => res.write('x'), 20);
      res.once('close', () => clearInterval(drip));
    });
    expect((await narrow.get('/fitness/wod')).headers['x-edge-fallback']).toBe('server-error');
    await narrow.coach.left('/fitness/wod');
    expect((await narrow.get('/fitness/wod')).headers['x-edge-fallback']).toBe('server-error');
  });

  test.each(['HEAD', 'OPTIONS'])('%s too', async (method) => {
    edge.coach.behave(status(500));
    expect((await edge.get('/fitness/wod', { method })).headers['x-edge-fallback']).toBe('server-error');
  });

  test('with the same request', async () => {
    edge.coach.behave(status(502));
    const headers = {
      authorization: `Bearer ${edge.tokens.issue()}`,
      'x-request-id': 'abc',
      accept: 'application/json',
    };
    await edge.get('/fitness/wod?x=1', { headers });
    const [first] = edge.coach.requests;
    const [second] = edge.legacy.requests;
    expect(second!.url).toBe(first!.url);
    const own = { host: '', 'x-edge-timeout-ms': '' };
    expect({ ...second!.headers, ...own }).toEqual({ ...first!.headers, ...own });
  });
});

describe('what is passed through untouched', () => {
  test.each([400, 401, 403, 404, 405, 409, 422, 429])("the coach's %d", async (code) => {
    edge.coach.behave(status(code));
    const answer = await edge.get('/fitness/wod');
    expect(answer).toMatchObject({ status: code, headers: { 'x-served-by': 'coach' } });
    expect(edge.legacy.requests).toEqual([]);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('a failure of %s, which may have had an effect', async (method) => {
    edge.coach.behave(status(500));
    expect((await edge.get('/fitness/wod', { method, body: 'x' })).status).toBe(500);
    edge.coach.behave((_request, res) => void res.socket?.destroy());
    expect((await edge.get('/fitness/wod', { method, body: 'x' })).status).toBe(502);
    expect(edge.legacy.requests).toEqual([]);
  });

  test('an answer that breaks off in a long body: the client has seen its beginning', async () => {
    edge.coach.behave((_request, res) => {
      res.writeHead(200, { 'content-length': '1000000' });
      res.write(`beginning${'x'.repeat(100_000)}end`, () => res.destroy());
    });
    const received = await edge.raw('GET /fitness/wod HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(received).toMatch(/beginningx+end$/);
    expect(edge.legacy.requests).toEqual([]);
  });

  test("the old side's own failures: there is nothing behind it", async () => {
    await edge.setWeight(0);
    edge.legacy.behave(status(503));
    expect((await edge.get('/fitness/wod')).status).toBe(503);
    expect(edge.coach.requests).toEqual([]);
  });
});

describe('when the monolith cannot help either', () => {
  test('both refuse: 503 with Retry-After and the reason', async () => {
    await edge.coach.refuse();
    await edge.legacy.refuse();
    const answer = await edge.get('/fitness/wod');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1', 'x-edge-fallback': 'refused' } });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'dependency-unavailable',
      service: 'edge-proxy',
      status: 503,
    });
    expect(answer.headers).not.toHaveProperty('x-served-by');
  });

  test('a monolith that hangs is given up at the deadline: 504', async () => {
    await using hurried = await startEdgeUnderTest({ route: { initialWeight: 100, deadlineMs: 1000 } });
    hurried.coach.behave(status(500));
    hurried.legacy.behave(() => undefined);
    const answer = await hurried.get('/fitness/wod');
    expect(answer).toMatchObject({ status: 504, headers: { 'x-edge-fallback': 'server-error' } });
    await hurried.legacy.left('/fitness/wod');
  });

  test('an upstream whose certificate is not trusted: 502, and the bytes never went there', async () => {
    const plain = createServer(
      (socket: Socket) => void socket.on('error', () => undefined).end('HTTP/1.1 200 x\r\n\r\n'),
    ).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    await using broken = await startEdgeUnderTest({ legacyUpstream: { url } });
    expect((await broken.get('/fitness/wod')).status).toBe(502);
    plain.close();
  });
});

test('fallbacks are counted by reason', async () => {
  edge.coach.behave(status(500));
  await edge.get('/fitness/wod');
  const metrics = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/edge_fallbacks_total\{route="wod",reason="server-error"[^}]*\} 1/);
});
