import { createPublicKey } from 'node:crypto';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import { BAD_TOKENS, GOOD_AUTHORIZATIONS, createTokenIssuer } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import express from 'express';
import type { Express } from 'express';
import { request } from 'undici';
import { authenticate, identityOf, requireRole, verifyAuthorization } from './authenticate.ts';
import { listen } from './http-server.ts';
import type { KeyLookup, KeySource } from './jwks.ts';
import { createLogger } from './logger.ts';
import { createRegistry } from './metrics.ts';
import { ProblemError } from './problem.ts';
import { Readiness } from './readiness.ts';
import { addRoute, createServiceApp } from './service-app.ts';

const issuer = createTokenIssuer();
const keys = keySourceOf(issuer);

describe('authenticate', () => {
  const routes = (app: Express) =>
    addRoute(app, '/me', {
      GET: [
        ...authenticate({ keys, audience: 'fit' }),
        (_req, res) => void res.json({ ...identityOf(res), token: undefined }),
      ],
    });

  test.each(BAD_TOKENS)('$name: 401 with a challenge', async ({ authorization }) => {
    await using app = await serve(routes);
    const { status, headers, json } = await app.send('/me', { authorization: authorization(issuer) });
    expect([status, problemSchema.parse(json).type]).toEqual([401, 'unauthorized']);
    expect(headers['www-authenticate']).toMatch(
      /^Bearer realm="fit"(, error="invalid_token", error_description="[^"]+")?$/,
    );
  });

  test.each(GOOD_AUTHORIZATIONS)('$name is accepted', async ({ authorization }) => {
    await using app = await serve(routes);
    expect((await app.send('/me', { authorization: authorization(issuer) })).status).toBe(200);
  });

  test('a request without a token is told of no error (RFC 6750, section 3)', async () => {
    await using app = await serve(routes);
    expect((await app.send('/me')).headers['www-authenticate']).toBe('Bearer realm="fit"');
  });

  test('keeps who it is', async () => {
    await using app = await serve(routes);
    const token = issuer.issue({
      sub: 'zoë',
      roles: ['tester', 'king'],
      zoneinfo: 'Asia/Kathmandu',
      exp: 4_000_000_000,
    });
    expect((await app.send('/me', { authorization: [`Bearer ${token}`] })).json).toEqual({
      subject: 'zoë',
      roles: ['tester'],
      timeZone: 'Asia/Kathmandu',
      unknownTimeZone: false,
      expiresAt: 4_000_000_000,
    });
  });

  test.each([
    [{ zoneinfo: undefined }, 'UTC', false],
    [{ zoneinfo: 'Mars/Olympus' }, 'UTC', true],
    [{ zoneinfo: '+05:30' }, 'UTC', true],
    [{ zoneinfo: 7 }, 'UTC', true],
    [{ zoneinfo: 'Europe/Berlin' }, 'Europe/Berlin', false],
  ])('of %j takes %s, unknown: %s', async (claims, timeZone, unknownTimeZone) => {
    await using app = await serve(routes);
    // Twice: what was learned about a zone is remembered.
    for (let i = 0; i < 2; i++) {
      const { json } = await app.send('/me', { authorization: [`Bearer ${issuer.issue(claims)}`] });
      expect(json).toMatchObject({ timeZone, unknownTimeZone });
    }
  });

  test('without keys it is 503 and names who has them', async () => {
    const none: KeySource = { find: async () => ({ kind: 'unavailable' }) };
    await using app = await serve((routesOf) =>
      addRoute(routesOf, '/me', { GET: authenticate({ keys: none, audience: 'fit', keysFrom: 'legacy-monolith' }) }),
    );
    const { status, headers } = await app.send('/me', { authorization: [`Bearer ${issuer.issue()}`] });
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '1', 'x-failed-dependency': 'legacy-monolith' });
  });
});

describe('verifyAuthorization', () => {
  const one = BAD_TOKENS.flatMap(({ name, authorization }) => {
    const headers = authorization(issuer);
    return headers.length > 1 ? [] : [{ name, header: headers[0] }];
  });

  test.each(one)('$name is refused alike', async ({ header }) => {
    await expect(verifyAuthorization(header, { keys, audience: 'fit' })).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  test('a good token is accepted', async () => {
    expect(await verifyAuthorization(`bearer ${issuer.issue()}`, { keys, audience: 'fit' })).toMatchObject({
      subject: 'user-1',
    });
  });
});

test.each([
  [['operator'], 200],
  [['viewer', 'admin'], 200],
  [['viewer'], 403],
  [[], 403],
])('requireRole with %j is %d', async (roles, expected) => {
  await using app = await serve((routes) =>
    addRoute(routes, '/lever', {
      GET: [
        ...authenticate({ keys, audience: 'edge-admin' }),
        requireRole('operator', 'admin'),
        (_req, res) => void res.json({}),
      ],
    }),
  );
  const token = issuer.issue({ aud: 'edge-admin', roles });
  expect((await app.send('/lever', { authorization: [`Bearer ${token}`] })).status).toBe(expected);
});

describe('errors', () => {
  const routes = (app: Express) => {
    addRoute(app, '/known', {
      GET: [
        () => {
          throw new ProblemError('not-enough-exercises', 'Too few', {
            extensions: { required: 6 },
            headers: { 'x-why': 'few' },
          });
        },
      ],
    });
    addRoute(app, '/unknown', { GET: [async () => await Promise.reject(new Error('secret of the database'))] });
    addRoute(app, '/body', { POST: [express.json({ limit: 10 }), (_req, res) => void res.json({})] });
  };

  test('an expected one is its problem document, with its members and headers', async () => {
    await using app = await serve(routes);
    const { status, headers, json } = await app.send('/known?x=1', { headers: { 'x-request-id': 'req-7' } });
    expect(status).toBe(409);
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-served-by': 'coach',
      'x-request-id': 'req-7',
      'x-why': 'few',
    });
    expect(problemSchema.parse(json)).toMatchObject({
      type: 'not-enough-exercises',
      detail: 'Too few',
      instance: '/known',
      correlation_id: 'req-7',
      service: 'test-service',
      required: 6,
    });
  });

  test('an unexpected one is 500, logged, and tells nothing', async () => {
    await using app = await serve(routes);
    const { status, text } = await app.send('/unknown');
    expect(status).toBe(500);
    expect(text).not.toMatch(/secret|\.ts|at /);
    expect(app.logged()).toMatch(/secret of the database/);
  });

  test.each([
    ['{"a":', 400, 'invalid-json'],
    ['{"a":"0123456789"}', 413, 'body-too-large'],
  ])('a body %s is %d %s', async (body, status, type) => {
    await using app = await serve(routes);
    const answer = await app.send('/body', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([answer.status, answer.json.type]).toEqual([status, type]);
  });

  test('a path that cannot be decoded is 400', async () => {
    await using app = await serve((app) => addRoute(app, '/of/:name', { GET: [(_req, res) => void res.json({})] }));
    expect((await app.send('/of/%ff')).status).toBe(400);
  });

  test('an unknown path is 404', async () => {
    await using app = await serve(routes);
    expect((await app.send('/nowhere')).json.type).toBe('not-found');
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const)(
    '%s where only GET is: 405 with Allow',
    async (method) => {
      await using app = await serve(routes);
      const { status, headers } = await app.send('/known', { method });
      expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    },
  );
});

describe('request id', () => {
  test.each([
    [{ 'x-request-id': 'a.b:c/d+e=f-g_1' }, 'a.b:c/d+e=f-g_1'],
    [{ 'x-correlation-id': 'other-name' }, 'other-name'],
    [{ 'x-request-id': 'first', 'x-correlation-id': 'second' }, 'first'],
  ])('of %j is %s', async (headers, expected) => {
    await using app = await serve(() => {});
    expect((await app.send('/health', { headers })).headers['x-request-id']).toBe(expected);
  });

  test.each(['', 'a b', 'x'.repeat(129), '<script>', 'ä'])('%j is replaced', async (given) => {
    await using app = await serve(() => {});
    const { headers } = await app.send('/health', {
      headers: { 'x-request-id': Buffer.from(given).toString('latin1') },
    });
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });
});

test('readiness: 503 until ready, then 200, then 503 while draining; health is 200 throughout', async () => {
  await using app = await serve(() => {});
  const look = async () => [(await app.send('/ready')).status, (await app.send('/health')).json.readiness];
  expect(await look()).toEqual([503, 'starting']);
  app.readiness.markReady();
  expect(await look()).toEqual([200, 'ready']);
  app.readiness.drain();
  expect(await look()).toEqual([503, 'draining']);
  expect((await app.send('/health')).headers.connection).toBe('close');
});

test('a request for an upgrade that nobody offers is answered as if it had not asked', async () => {
  await using app = await serve(() => {});
  const answer = await new Promise<IncomingMessage>((resolve) =>
    get(`${app.url}/health`, { headers: { connection: 'Upgrade', upgrade: 'websocket' } }, resolve),
  );
  expect(answer.resume().statusCode).toBe(200);
});

test('metrics label requests by the pattern of their route', async () => {
  await using app = await serve((routes) => addRoute(routes, '/of/:name', { GET: [(_req, res) => void res.json({})] }));
  await app.send('/of/somebody');
  await app.send('/made/up');
  const { text } = await app.send('/metrics');
  expect(text).toContain(
    'http_request_duration_seconds_count{service="test-service",method="GET",route="/of/:name",status="200"} 1',
  );
  expect(text).toContain('route="unmatched",status="404"');
  expect(text).not.toMatch(/somebody|made/);
});

type Sent = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS';
  authorization?: string[];
  headers?: Record<string, string>;
  body?: string;
};

async function serve(routes: (app: Express) => void) {
  const lines: string[] = [];
  const readiness = new Readiness();
  const app = createServiceApp({
    service: 'test-service',
    servedBy: 'coach',
    logger: createLogger('test-service', 'info', { write: (line) => void lines.push(line) }),
    registry: createRegistry('test-service'),
    readiness,
    routes,
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  return {
    readiness,
    url: server.url,
    logged: () => lines.join(''),
    send: async (path: string, { method = 'GET', authorization = [], headers = {}, body }: Sent = {}) => {
      const answer = await request(server.url + path, {
        method,
        headers: [...authorization.flatMap((value) => ['authorization', value]), ...Object.entries(headers).flat()],
        ...(body !== undefined && { body }),
      });
      const text = await answer.body.text();
      const isJson = String(answer.headers['content-type']).includes('json');
      return { status: answer.statusCode, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
    },
    [Symbol.asyncDispose]: server.close,
  };
}

function keySourceOf({ kid, publicKeyPem }: TokenIssuer): KeySource {
  const known: KeyLookup = { kind: 'known', key: createPublicKey(publicKeyPem) };
  return { find: async (asked) => (asked === kid ? known : { kind: 'unknown' }) };
}
