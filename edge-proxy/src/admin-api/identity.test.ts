import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hideInText } from '@fit/service-kit/hide-secrets';
import { loginCodeSchema, loginSchema, sessionSchema } from './schemas.ts';
import { WOD, expectProblem, expectUntouched, putWeight, send } from './test/admin-request.ts';
import type { Answer, Sent } from './test/admin-request.ts';
import { LOCAL_TOKEN, startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

const SESSION = '/admin/v1/session';
const ANONYMOUS: Sent = { headers: { authorization: [] } };
const otherLocalToken = `${LOCAL_TOKEN.slice(0, -1)}_`;

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('the session says who asks:', () => {
  test.each([
    ['viewer', false],
    ['operator', true],
    ['admin', true],
  ] as const)('a %s of the monolith', async (role, mayChange) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const token = server.issuer.issue({ roles: ['tester', role], exp });
    const { body } = await send(server, 'GET', SESSION, { token });
    expect(sessionSchema.parse(body)).toEqual({
      actor: 'ops@fit.example',
      roles: [role],
      may_change: mayChange,
      expires_at: new Date(exp * 1000).toISOString(),
    });
  });

  test('whoever has the local admin token, which never expires', async () => {
    const { body } = await send(server, 'GET', SESSION, { token: LOCAL_TOKEN });
    expect(body).toEqual({ actor: 'local-admin', roles: ['admin'], may_change: true, expires_at: null });
  });
});

describe('the actor', () => {
  const SUB = 'c96ee1a6-b759-4831-aebe-1f0252349f78';

  test.each([
    ['a@b', 'a@b'],
    ['zoë@fit.example', 'zoë@fit.example'],
    [`${'x'.repeat(252)}@b`, `${'x'.repeat(252)}@b`],
    [undefined, SUB],
    [7, SUB],
    [['a@b'], SUB],
    ['', SUB],
    ['local-admin', SUB],
    ['a b@fit.example', SUB],
    ['a@b\n', SUB],
    ['a@\u001b[2J', SUB],
    ['a@\u202eb', SUB],
    [`${'x'.repeat(253)}@b`, SUB],
  ])('with the email %j is %s', async (email, actor) => {
    const token = server.issuer.issue({ sub: SUB, email });
    expect((await send(server, 'GET', SESSION, { token })).body).toMatchObject({ actor });
    expect((await putWeight(server, { token })).body.changed_by).toBe(actor);
    expectProblem(await putWeight(server, { token }), 412, 'revision-conflict');
    expect((await send(server, 'GET', '/admin/v1/audit', { token })).body).toMatchObject({ entries: [{ actor }] });
    expect(server.logged.map((line) => line['actor'])).toEqual([hideInText(actor), hideInText(actor)]);
  });
});

describe('the local admin token', () => {
  test('changes weights, under a name of its own', async () => {
    const { status, body } = await putWeight(server, { token: LOCAL_TOKEN });
    expect({ status, by: body.changed_by }).toEqual({ status: 200, by: 'local-admin' });
  });

  test('needs nobody else: not the keys of the monolith', async () => {
    const keys = { find: async () => ({ kind: 'unavailable' }) as const };
    await using alone = await startAdminServer({ auth: { keys, localToken: LOCAL_TOKEN } });
    expectProblem(await send(alone, 'GET', WOD), 503, 'dependency-unavailable');
    expect((await send(alone, 'GET', WOD, { token: LOCAL_TOKEN })).status).toBe(200);
    expect((await putWeight(alone, { token: LOCAL_TOKEN })).status).toBe(200);
  });

  test.each([
    ['another one', `Bearer ${otherLocalToken}`],
    ['one with a character more', `Bearer ${LOCAL_TOKEN}x`],
    ['one in capitals', `Bearer ${LOCAL_TOKEN.toUpperCase()}`],
    ['none but its beginning', 'Bearer fit_admin_'],
    ['it, under another scheme', `Basic ${LOCAL_TOKEN}`],
  ])('is not %s', async (_, authorization) => {
    const answer = await putWeight(server, { headers: { authorization } });
    expectProblem(answer, 401, 'unauthorized');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    await expectUntouched(server);
  });

  test('counts alone', async () => {
    const twice = [`Bearer ${LOCAL_TOKEN}`, `Bearer ${LOCAL_TOKEN}`];
    expectProblem(await send(server, 'GET', WOD, { headers: { authorization: twice } }), 401, 'unauthorized');
  });

  test('opens nothing where none was configured', async () => {
    const keys = { find: async () => ({ kind: 'unknown' }) as const };
    await using without = await startAdminServer({ auth: { keys } });
    expectProblem(await send(without, 'GET', WOD, { token: LOCAL_TOKEN }), 401, 'unauthorized');
  });

  test('is in no log', async () => {
    await putWeight(server, { token: LOCAL_TOKEN });
    await putWeight(server, { token: LOCAL_TOKEN });
    await putWeight(server, { token: otherLocalToken });
    expect(server.logged.length).toBeGreaterThan(0);
    expect(JSON.stringify(server.logged)).not.toContain('fit_admin_');
  });
});

describe('a login code', () => {
  const exchange = async (code: unknown) =>
    await send(server, 'POST', '/admin/v1/logins', { ...ANONYMOUS, body: { code } });
  const issue = async (token: string) => {
    const { status, body } = await send(server, 'POST', '/admin/v1/login-codes', { token });
    expect(status).toBe(201);
    return loginCodeSchema.parse(body);
  };

  test.each(['viewer', 'admin'] as const)("stands for the caller's own token (%s), once", async (role) => {
    const token = server.tokenFor(role);
    const { code, expires_in } = await issue(token);
    expect(expires_in).toBe(60);
    const { status, body, headers } = await exchange(code);
    expect({ status, body: loginSchema.parse(body) }).toEqual({ status: 200, body: { token } });
    expect(headers['cache-control']).toBe('no-store');
    const again = await exchange(code);
    expectProblem(again, 401, 'invalid-login-code');
    expect(again.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  test('may stand for the local admin token', async () => {
    const { code } = await issue(LOCAL_TOKEN);
    expect((await exchange(code)).body).toEqual({ token: LOCAL_TOKEN });
  });

  test('is for people with a token', async () => {
    expectProblem(await send(server, 'POST', '/admin/v1/login-codes', ANONYMOUS), 401, 'unauthorized');
  });

  test.each([['x'], [7], [null], [''], ['x'.repeat(101)]])('is not %j', async (code) => {
    expect((await exchange(code)).status).toBe(typeof code === 'string' && code === 'x' ? 401 : 400);
  });
});

describe('guessing', () => {
  const guess = async () => await send(server, 'GET', SESSION, { token: 'a.b.c' });
  const times = async (count: number, attempt: () => Promise<Answer>) => {
    const statuses: number[] = [];
    for (let time = 0; time < count; time++) statuses.push((await attempt()).status);
    return statuses;
  };

  test('is told to wait after twenty failures a minute, while good tokens open as ever', async () => {
    expect(new Set(await times(20, guess))).toEqual(new Set([401]));
    const refused = await guess();
    expectProblem(refused, 429, 'too-many-requests');
    expect(refused.headers['retry-after']).toBe('60');
    expect((await send(server, 'GET', SESSION)).status).toBe(200);
    expect((await send(server, 'GET', SESSION, { token: LOCAL_TOKEN })).status).toBe(200);
    expect((await putWeight(server)).status).toBe(200);
  });

  test('at codes counts as guessing at tokens does', async () => {
    const guessCode = () => send(server, 'POST', '/admin/v1/logins', { ...ANONYMOUS, body: { code: 'nope' } });
    await times(10, guess);
    expect(await times(11, guessCode)).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const { body } = await send(server, 'POST', '/admin/v1/login-codes');
    const { code } = body as { code?: string };
    expect((await send(server, 'POST', '/admin/v1/logins', { ...ANONYMOUS, body: { code } })).status).toBe(200);
  });

  test('is not what somebody does without a token, or without the role', async () => {
    expect(new Set(await times(25, () => send(server, 'GET', SESSION, ANONYMOUS)))).toEqual(new Set([401]));
    const token = server.tokenFor('tester');
    expect(new Set(await times(25, () => send(server, 'GET', SESSION, { token })))).toEqual(new Set([403]));
    expect((await guess()).status).toBe(401);
  });
});
