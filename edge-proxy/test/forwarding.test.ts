import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { answeringAs, startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';

let edge: EdgeUnderTest;
beforeAll(async () => (edge = await startEdgeUnderTest()));
afterAll(async () => await edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.legacy.requests.length = 0;
  edge.coach.requests.length = 0;
  edge.legacy.behave(answeringAs('legacy'));
});

const lastSeen = () => edge.legacy.requests.at(-1)!;

describe('what the upstream sees', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s with path, query and body as sent',
    async (method) => {
      const body = method === 'GET' || method === 'OPTIONS' ? undefined : '{"sets":3}';
      const answer = await edge.get('/a%20b//c/./d?x=1&y=%2F', {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body && { body }),
      });
      expect(answer.status).toBe(200);
      expect(lastSeen()).toMatchObject({ method, url: '/a%20b//c/./d?x=1&y=%2F', body: Buffer.from(body ?? '') });
    },
  );

  test('a body of unknown length arrives whole', async () => {
    const chunks = Array.from({ length: 64 }, (_, index) => Buffer.alloc(4096, index));
    await edge.get('/upload', { method: 'POST', body: Readable.from(chunks) });
    expect(lastSeen().body.equals(Buffer.concat(chunks))).toBe(true);
  });

  test.each([
    ['a sane request id', { 'x-request-id': 'abc-123' }, 'abc-123'],
    ['its other name', { 'x-correlation-id': 'abc-456' }, 'abc-456'],
    ['one that is not sane', { 'x-request-id': 'a b<script>' }, expect.stringMatching(/^[0-9a-f-]{36}$/)],
    ['none', {}, expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ])('%s: upstream and client get the same', async (_name, headers, expected) => {
    const answer = await edge.get('/a', { headers: headers as Record<string, string> });
    expect(lastSeen().headers['x-request-id']).toEqual(expected);
    expect(answer.headers['x-request-id']).toBe(lastSeen().headers['x-request-id']);
  });

  test('an absolute target is asked of the configured upstream, never of the host that it names', async () => {
    const answer = await edge.raw(
      'GET http://evil.example/a?b=1 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(lastSeen().url).toBe('/a?b=1');
  });
});

describe('what the client gets', () => {
  test('status, body and every Set-Cookie as the upstream sent them, without what is between the two of us', async () => {
    edge.legacy.behave((_request, res) => {
      res.setHeader('Set-Cookie', ['a=1', 'b=2']);
      res.setHeader('X-Failed-Dependency', 'legacy-monolith');
      res.setHeader('X-Edge-Fallback', 'lie');
      res.setHeader('Connection', 'X-Hop');
      res.setHeader('X-Hop', '1');
      res.writeHead(418, { 'keep-alive': 'timeout=5', 'content-type': 'text/plain' });
      res.end('short and stout');
    });
    const { status, headers, body } = await edge.get('/a');
    expect({ status, body }).toEqual({ status: 418, body: 'short and stout' });
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers).not.toHaveProperty('x-failed-dependency');
    expect(headers).not.toHaveProperty('x-edge-fallback');
    expect(headers).not.toHaveProperty('x-hop');
    expect(headers).toMatchObject({ via: '1.1 edge', 'content-type': 'text/plain' });
  });

  test.each([
    ['HEAD', 200, { 'content-length': '5' }],
    ['GET', 204, {}],
    ['GET', 304, { etag: '"1"' }],
  ])('%s → %d without a body', async (method, status, headers) => {
    edge.legacy.behave((_request, res) => void res.writeHead(status, headers).end());
    expect(await edge.get('/a', { method })).toMatchObject({ status, body: '', headers });
  });
});

test('OPTIONS goes as far as Max-Forwards says', async () => {
  const ask = (hops: string) => edge.get('/a', { method: 'OPTIONS', headers: { 'max-forwards': hops } });
  expect((await ask('2')).status).toBe(200);
  expect(lastSeen().headers['max-forwards']).toBe('1');
  expect(await ask('0')).toMatchObject({ status: 204, headers: { allow: expect.stringContaining('GET') } });
  expect(edge.legacy.requests).toHaveLength(1);
});

test.each([
  ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
  ['an internal path', 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
  ['another spelling of it', 'GET //%6Detrics/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
])('%s never reaches an upstream', async (_name, bytes, status) => {
  expect(await edge.raw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(edge.legacy.requests).toEqual([]);
});
