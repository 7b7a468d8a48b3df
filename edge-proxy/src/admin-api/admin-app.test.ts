import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ADMIN_ROLES } from '@fit/contracts/auth';
import { BAD_TOKENS } from '@fit/test-kit/tokens';
import { changedRouteSchema, routeListSchema, routeViewSchema, routingSchema } from './schemas.ts';
import { WOD, expectProblem, expectUntouched, putWeight, send } from './test/admin-request.ts';
import { startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('reading', () => {
  test.each(ADMIN_ROLES)('is for the role %s', async (role) => {
    const { status } = await send(server, 'GET', '/admin/v1/routes', { token: server.tokenFor(role) });
    expect(status).toBe(200);
  });

  test('lists every configured route, also those that nobody changed', async () => {
    const { body, headers } = await send(server, 'GET', '/admin/v1/routes');
    expect(routeListSchema.parse(body)).toEqual(body);
    expect(body.routes).toMatchObject([{ route: 'wod' }, { route: 'history', phase: 'canary', weight: 5 }]);
    expect(body.routes?.[0]).toEqual({
      route: 'wod',
      path: '/fitness/wod',
      phase: 'legacy',
      weight: 0,
      revision: 0,
      mirror_share: 0,
      retired: false,
      ramp: null,
      changed_by: null,
      changed_at: null,
      reason: null,
      sides: { old: 'legacy', new: 'coach' },
      stored: true,
      acknowledged: { serving: 1, replicas: 1 },
      observed: { share: null, requests: { old: 0, new: 0 }, window_seconds: 10 },
      health: {
        old: { upstream: 'legacy', state: 'healthy', failing_on: 0, in_flight: 0 },
        new: { upstream: 'coach', state: 'healthy', failing_on: 0, in_flight: 0 },
      },
      sentence:
        'All users are on legacy, as configured; nobody has changed it yet. The only edge serves it. ' +
        'There were no requests in the last 10 s.',
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  test('shows one route with its revision as ETag', async () => {
    await putWeight(server);
    const { body, headers } = await send(server, 'GET', WOD);
    expect(routeViewSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      route: 'wod',
      phase: 'canary',
      weight: 10,
      revision: 1,
      changed_by: 'ops@fit.example',
    });
    expect(headers).toMatchObject({ etag: '"1"', 'cache-control': 'no-store' });
  });
});

test('routing is all that another proxy needs to send every request where this edge would', async () => {
  await putWeight(server);
  const { body } = await send(server, 'GET', '/admin/v1/routing');
  expect(routingSchema.parse(body)).toEqual(body);
  expect(body).toMatchObject({
    upstreams: [{ name: 'legacy', url: 'http://127.0.0.1:3000' }, { name: 'coach' }, { name: 'diary' }],
    default_upstream: 'legacy',
    internal_paths: ['/metrics'],
    routes: [
      {
        route: 'wod',
        path: '/fitness/wod',
        weight: 10,
        initial_weight: 0,
        retired: false,
        key: { from: 'claim', name: 'sub' },
      },
      { route: 'history', weight: 5, initial_weight: 5, key: { from: 'cookie', name: 'sid' } },
    ],
  });
});

describe('changing a weight', () => {
  test.each(['operator', 'admin'] as const)('as %s is in force when it is answered', async (role) => {
    const { status, headers, body } = await putWeight(server, { token: server.tokenFor(role) });
    expect(server.holder.weightOf('wod')).toBe(1000);
    expect({ status, etag: headers['etag'], cache: headers['cache-control'] }).toEqual({
      status: 200,
      etag: '"1"',
      cache: 'no-store',
    });
    expect(changedRouteSchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      weight: 10,
      phase: 'canary',
      revision: 1,
      changed_by: 'ops@fit.example',
      changed_at: '2026-03-01T03:00:00.000Z',
      reason: 'first step',
      before: { weight: 0, revision: 0 },
    });
  });

  test('follows the ETag from change to change', async () => {
    let ifMatch = String((await send(server, 'GET', WOD)).headers['etag']);
    for (const weight of [0.01, 33.33, 99.99, 100, 0]) {
      const { status, headers, body } = await putWeight(server, { ifMatch, body: { weight, reason: 'next' } });
      expect({ status, weight: body.weight }).toEqual({ status: 200, weight });
      ifMatch = String(headers['etag']);
    }
    expect(ifMatch).toBe('"5"');
  });

  test('is logged with its actor, before and after', async () => {
    await putWeight(server);
    expect(server.logged).toContainEqual(
      expect.objectContaining({
        level: 'info',
        msg: 'weight changed',
        actor: 'o…@fit.example',
        route: 'wod',
        revision: 1,
        weightBefore: 0,
        weightAfter: 10,
        reason: 'first step',
      }),
    );
  });

  test('keeps a reason of HTML as the text that it is', async () => {
    const reason = '<img src=x onerror=alert(1)> "quoted" – ünïcode 🚀';
    const { body } = await putWeight(server, { body: { weight: 1, reason: `  ${reason} ` } });
    expect(body.reason).toBe(reason);
    expect((await send(server, 'GET', WOD)).body.reason).toBe(reason);
  });

  test('of 50 at once with the same revision one wins and 49 are told 412', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => putWeight(server, { body: { weight: index + 1, reason: 'race' } })),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(49);
    expect((await send(server, 'GET', WOD)).body).toMatchObject({ weight: won[0]!.body.weight, revision: 1 });
  });
});

describe('a rollback', () => {
  test('needs no If-Match', async () => {
    await putWeight(server, { body: { weight: 100, reason: 'all of them' } });
    const { status, headers, body } = await send(server, 'POST', `${WOD}/rollback`, { body: { reason: 'p95 is up' } });
    expect({ status, etag: headers['etag'] }).toEqual({ status: 200, etag: '"2"' });
    expect(body).toMatchObject({
      phase: 'legacy',
      weight: 0,
      reason: 'p95 is up',
      before: { weight: 100, revision: 1 },
    });
    expect(server.holder.weightOf('wod')).toBe(0);
  });

  test.each([
    ['no reason', {}],
    ['a weight', { reason: 'up again', weight: 50 }],
  ])('with %s is refused', async (_, body) => {
    expectProblem(await send(server, 'POST', `${WOD}/rollback`, { body }), 400, 'validation-failed');
    await expectUntouched(server);
  });
});

describe('who may not', () => {
  // The kit's tokens are good for `fit`; here that is the other audience.
  const badTokens = BAD_TOKENS.filter(({ name }) => name !== 'a token for another audience');

  test.each(badTokens)('$name gets 401', async ({ authorization }) => {
    const answer = await putWeight(server, { headers: { authorization: authorization(server.issuer) } });
    expectProblem(answer, 401, 'unauthorized');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    await expectUntouched(server);
  });

  test("a person's own token gets 401, whatever its roles", async () => {
    for (const method of ['GET', 'PUT']) {
      const token = server.issuer.issue({ aud: 'fit', roles: ['admin'] });
      expectProblem(
        await send(server, method, method === 'GET' ? WOD : `${WOD}/weight`, { token }),
        401,
        'unauthorized',
      );
    }
  });

  test.each([['tester'], ['root'], []])('the role %s opens nothing', async (...roles) => {
    const token = server.issuer.issue({ roles });
    expectProblem(await send(server, 'GET', '/admin/v1/routes', { token }), 403, 'forbidden');
    expectProblem(await putWeight(server, { token }), 403, 'forbidden');
  });

  test('a viewer changes nothing, and the attempt is in the log', async () => {
    const token = server.tokenFor('viewer');
    expectProblem(await putWeight(server, { token }), 403, 'forbidden');
    expectProblem(await send(server, 'POST', `${WOD}/rollback`, { token, body: { reason: 'x' } }), 403, 'forbidden');
    await expectUntouched(server);
    expect(server.logged).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: 'admin request refused',
        actor: 'o…@fit.example',
        request: `PUT ${WOD}/weight`,
        problem: 'forbidden',
      }),
    );
  });

  test('who is not known leaves no refusal in the log', async () => {
    await putWeight(server, { token: 'a.b.c' });
    expect(server.logged).toEqual([]);
  });
});

test('a store that cannot be written refuses with 503, keeps the weight and wakes a person', async () => {
  await putWeight(server);
  server.store.break(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
  const answer = await putWeight(server, { ifMatch: '"1"', body: { weight: 50, reason: 'second step' } });
  expectProblem(answer, 503, 'store-unavailable');
  expect(answer.headers['retry-after']).toBe('1');
  expect(answer.text).not.toContain('ENOSPC');
  expect(server.holder.weightOf('wod')).toBe(1000);
  expect(server.logged.find(({ level }) => level === 'error')).toMatchObject({
    level: 'error',
    problem: 'store-unavailable',
    err: { message: expect.stringContaining('ENOSPC') },
  });
});

test('the listener also carries health, readiness and metrics of the edge, and asks nobody for a token there', async () => {
  const get = async (path: string) => await send(server, 'GET', path, { headers: { authorization: [] } });
  expect(await get('/health')).toMatchObject({ status: 200, body: { service: 'edge-proxy', readiness: 'starting' } });
  expect(await get('/ready')).toMatchObject({ status: 503 });
  server.readiness.markReady();
  expect(await get('/ready')).toMatchObject({ status: 200 });
  expect((await get('/metrics')).text).toContain('http_request_duration_seconds');
});
