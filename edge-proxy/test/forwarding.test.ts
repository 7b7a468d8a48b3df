import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
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

  test('no hop-by-hop field, none that Connection names, none of our own names, none with an underscore', async () => {
    await edge.raw(
      [
        'GET /a HTTP/1.1',
        'Host: fit.example',
        'Connection: close, X-Secret-Hop',
        'X-Secret-Hop: 1',
        'Keep-Alive: timeout=5',
        'TE: trailers',
        'Trailer: Foo',
        'Proxy-Authorization: Basic eA==',
        'Proxy-Connection: keep-alive',
        'Upgrade: h2c',
        'Expect: 100-continue',
        'X-Edge-Mirror: 1',
        'X-Edge-Prefer: coach',
        'X-User-Id: root',
        'X_Forwarded_For: 6.6.6.6',
        'Accept: text/plain',
        '\r\n',
      ].join('\r\n'),
    );
    const names = Object.keys(lastSeen().headers).toSorted();
    expect(names).toEqual([
      'accept',
      'connection',
      'forwarded',
      'host',
      'via',
      'x-edge-timeout-ms',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-request-id',
    ]);
    expect(lastSeen().headers.connection).toBe('keep-alive');
  });

  test('forwarded headers set by the edge, whatever a stranger claims', async () => {
    await edge.get('/a', {
      headers: {
        host: 'fit.example:8080',
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'evil.example',
        forwarded: 'for=6.6.6.6',
      },
    });
    expect(lastSeen().headers).toMatchObject({
      host: new URL(edge.legacy.url).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'fit.example:8080',
      forwarded: 'for=127.0.0.1;host="fit.example:8080";proto=http',
      via: '1.1 edge',
    });
  });

  test('forwarded headers extended for a trusted peer', async () => {
    await using trusting = await startEdgeUnderTest({ env: { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' } });
    await trusting.get('/a', {
      headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.1.2.3', 'x-forwarded-proto': 'https', via: '2.0 nginx' },
    });
    expect(trusting.legacy.requests.at(-1)!.headers).toMatchObject({
      'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.1.2.3, 127.0.0.1',
      'x-forwarded-proto': 'https',
      forwarded: expect.stringContaining('for=203.0.113.7;'),
      via: '2.0 nginx, 1.1 edge',
    });
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

  test('an answer that the upstream cuts is cut for the client', async () => {
    edge.legacy.behave((_request, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' });
      res.write('half of', () => res.destroy());
    });
    const received = await edge.raw('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(received).toContain('half of');
    expect(received).not.toContain('\r\n0\r\n');
    expect(received.endsWith('half of\r\n')).toBe(true);
  });

  test('a large answer through a slow reader waits at the upstream, not in the edge', async () => {
    const size = 256 * 1024 * 1024;
    let produced = 0;
    edge.legacy.behave((_request, res) => {
      res.writeHead(200, { 'content-length': String(size) });
      const block = Buffer.alloc(1024 * 1024);
      const produce = () => {
        while (produced < size) {
          produced += block.length;
          if (!res.write(block)) {
            res.once('drain', produce);
            return;
          }
        }
        res.end();
      };
      produce();
    });
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1');
    socket.write('GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await once(socket, 'readable');
    const stalled = await settled(() => produced);
    expect(stalled).toBeLessThan(64 * 1024 * 1024);
    let received = 0;
    for await (const chunk of socket) received += (chunk as Buffer).length;
    expect(received).toBeGreaterThan(size);
  });

  test('a client that leaves ends the upstream call', async () => {
    edge.legacy.behave(() => undefined);
    const abort = new AbortController();
    const asked = request(new URL('/slow', edge.url), { signal: abort.signal });
    const outcome = asked.then(
      () => 'answered',
      () => 'left',
    );
    await edge.legacy.arrived('/slow', 1);
    abort.abort();
    expect(await outcome).toBe('left');
    await edge.legacy.left('/slow');
  });
});

describe('what never reaches an upstream', () => {
  test.each([
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['an odd host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['two Authorization fields', 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n', 400],
    ['a Connection that names Authorization', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: authorization\r\n\r\n', 400],
    [
      'length and coding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['a signed length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na', 400],
    ['a folded field', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['a NUL', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 400],
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a head that is too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n', 405],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 405],
    ['a fragment', 'GET /metrics#x HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    [
      'a coding that would be lost',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['an internal path', 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
  ])('%s', async (_name, bytes, status) => {
    expect(
      await edge.raw(
        bytes.includes('Connection') ? bytes : bytes.replace('Host: a\r\n', 'Host: a\r\nConnection: close\r\n'),
      ),
    ).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(edge.legacy.requests).toEqual([]);
    expect((await edge.get('/alive')).status).toBe(200);
  });
});

/** The value that a number keeps: read until it has not changed for ten turns of 20 ms. */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let calm = 0; calm < 10;) {
    await new Promise((turn) => setTimeout(turn, 20));
    calm = read() === last ? calm + 1 : 0;
    last = read();
  }
  return last;
}
