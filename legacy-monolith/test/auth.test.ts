import { describe, expect, test } from '@jest/globals';
import { jwksSchema, registeredSchema, tokenSchema } from '@fit/contracts/auth';
import type { Role } from '@fit/contracts/auth';
import jwt from 'jsonwebtoken';
import { findAccount, grantRole } from '../src/auth/account-store.ts';
import { argon2Hasher } from '../src/auth/password-hasher.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { PASSWORD, TEST_CONFIG, newPerson, useMonolith } from './support/monolith.ts';

await describeOnBothDatabases('accounts', (kind) => {
  const hashed: string[] = [];
  const real = argon2Hasher(TEST_CONFIG.hashing);
  const monolith = useMonolith(
    kind,
    { trustedProxies: ['127.0.0.1'] },
    {
      hasher: {
        hash: real.hash,
        verify: async (passwordHash, password) => {
          hashed.push(passwordHash);
          return await real.verify(passwordHash, password);
        },
      },
    },
  );
  const login = (body: object, headers?: Record<string, string>) =>
    monolith().client().post('/auth/login', body, headers);
  const register = (body: object) => monolith().client().post('/auth/register', body);

  let holders = 0;
  /** An account that has these roles. */
  async function holder(...roles: Role[]): Promise<string> {
    const email = `holder${(holders += 1)}@fit.example`;
    await register({ email, password: PASSWORD });
    const account = await findAccount(monolith().db, email);
    for (const role of roles) await grantRole(monolith().db, account!.id, role);
    return email;
  }

  test('register, log in, and be told by the token who one is', async () => {
    const registered = await register({ email: 'Ada@Fit.Example', password: PASSWORD, zoneinfo: 'Asia/Kathmandu' });
    expect(registered.status).toBe(201);
    const { id } = registeredSchema.parse(registered.body);

    const { status, body, headers } = await login({ email: 'ada@fit.EXAMPLE', password: PASSWORD });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const { header, payload } = jwt.decode(tokenSchema.parse(body).access_token, { complete: true })!;
    expect(header).toMatchObject({ alg: 'RS256', kid: monolith().keys.signer().kid });
    const { iat, exp } = payload as jwt.JwtPayload;
    expect(payload).toEqual({
      iss: 'fit-monolith',
      aud: 'fit',
      sub: id,
      zoneinfo: 'Asia/Kathmandu',
      roles: [],
      iat,
      exp,
    });
    expect(exp! - iat!).toBe(3600);
  });

  test("a token that operates the edge tells the account's address; one for a person's own use does not", async () => {
    const email = await holder('viewer');
    const claimsFor = async (audience: string) => {
      const { body } = await login({ email: email.toUpperCase(), password: PASSWORD, audience });
      return jwt.decode(tokenSchema.parse(body).access_token);
    };
    expect(await claimsFor('edge-admin')).toMatchObject({ aud: 'edge-admin', email });
    expect(await claimsFor('fit')).not.toHaveProperty('email');
  });

  test('passwords are kept as argon2id', async () => {
    const account = await findAccount(monolith().db, await holder());
    expect(account?.password_hash).toMatch(/^\$argon2id\$/);
  });

  test('the same e-mail again, in any case, is 409', async () => {
    const { email } = await newPerson(monolith());
    const { status, body } = await register({ email: email.toUpperCase(), password: PASSWORD });
    expect({ status, type: body.type }).toEqual({ status: 409, type: 'account-exists' });
  });

  test.each<[string, object, string]>([
    ['roles', { roles: ['admin'] }, 'roles'],
    ['a prototype', JSON.parse('{"__proto__": {"roles": ["admin"]}, "constructor": 1}') as object, 'constructor'],
    ['no e-mail address', { email: 'nobody' }, 'email'],
    ['a NUL in the e-mail', { email: 'a\u0000b@fit.example' }, 'email'],
    ['a short password', { password: 'short' }, 'password'],
    ['a password of 257', { password: 'x'.repeat(257) }, 'password'],
    ['a numeric password', { password: 1_234_567_890 }, 'password'],
    ['a zone on Mars', { zoneinfo: 'Mars/Olympus_Mons' }, 'zoneinfo'],
  ])('registering with %s is 400 naming the field, and no account is made', async (_what, wrong, field) => {
    const count = () => monolith().db.selectFrom('users').select('id').execute();
    const before = (await count()).length;
    const { status, body, text } = await register({ email: 'new@fit.example', password: PASSWORD, ...wrong });
    expect(status).toBe(400);
    expect(body.errors.map((error: { field: string }) => error.field)).toContain(field);
    expect(text).not.toContain('short');
    expect((await count()).length).toBe(before);
  });

  test('an unknown account and a wrong password get the same answer, after a hash of the same cost', async () => {
    const email = await holder();
    hashed.length = 0;
    const answers = [
      await login({ email, password: 'wrong-password' }),
      await login({ email: 'nobody@fit.example', password: 'wrong-password' }),
      await login({ email: 'no address\u0000', password: 'wrong-password' }),
    ];
    for (const { status, headers, body } of answers) {
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer realm="fit"');
      const { correlation_id: _id, timestamp: _time, ...rest } = body;
      const { correlation_id: _id0, timestamp: _time0, ...first } = answers[0]!.body;
      expect(rest).toEqual(first);
    }
    const costs = hashed.map((passwordHash) => passwordHash.split('$').slice(0, 4).join('$'));
    expect(costs).toEqual([costs[0], costs[0], costs[0]]);
    expect(costs[0]).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1$/);
  });

  describe('roles', () => {
    test('a token for the edge carries the roles that operate it, one for the app only tester', async () => {
      const email = await holder('tester', 'viewer', 'operator');
      const rolesFor = async (audience: string, roles?: string[]) => {
        const { body } = await login({ email, password: PASSWORD, audience, roles });
        const { aud, roles: granted } = jwt.decode(body.access_token) as jwt.JwtPayload & { roles: string[] };
        return { aud, granted };
      };
      expect(await rolesFor('edge-admin')).toEqual({ aud: 'edge-admin', granted: ['viewer', 'operator'] });
      expect(await rolesFor('edge-admin', ['viewer'])).toEqual({ aud: 'edge-admin', granted: ['viewer'] });
      expect(await rolesFor('fit')).toEqual({ aud: 'fit', granted: ['tester'] });
    });

    test.each<[string, Role[], object]>([
      ['to operate without a role', [], { audience: 'edge-admin' }],
      ['to operate as a tester', ['tester'], { audience: 'edge-admin' }],
      ['for a role it lacks', ['viewer'], { audience: 'edge-admin', roles: ['admin'] }],
      ['for an operator in the app', ['operator'], { roles: ['operator'] }],
      ['for a tester that it is not', [], { roles: ['tester'] }],
    ])('who asks %s is 403', async (_what, roles, wish) => {
      const { status, body } = await login({ email: await holder(...roles), password: PASSWORD, ...wish });
      expect({ status, type: body.type }).toEqual({ status: 403, type: 'forbidden' });
    });

    test('a token for the edge opens nothing here', async () => {
      const { body } = await login({ email: await holder('admin'), password: PASSWORD, audience: 'edge-admin' });
      expect((await monolith().client(body.access_token).get('/exercises')).status).toBe(401);
    });
  });

  test.each([
    ['expires_in', 0],
    ['expires_in', 86_401],
    ['expires_in', '60'],
    ['audience', 'bank'],
    ['roles', ['root']],
    ['roles', []],
    ['remember_me', true],
  ])('a login with %s %j is 400 naming it', async (field, value) => {
    const { status, body } = await login({ email: 'a@fit.example', password: PASSWORD, [field]: value });
    expect(status).toBe(400);
    expect(body.errors[0].field).toMatch(new RegExp(`^${field}`));
  });

  test('a token lasts as long as was asked', async () => {
    const { body } = await login({ email: await holder(), password: PASSWORD, expires_in: 5 });
    const { iat, exp } = jwt.decode(body.access_token) as jwt.JwtPayload;
    expect([body.expires_in, exp! - iat!]).toEqual([5, 5]);
  });

  test('the JWKS verifies tokens, shows no private part and may be cached', async () => {
    const { token } = await newPerson(monolith());
    const { body, headers } = await monolith().client().get('/.well-known/jwks.json');
    expect(headers.get('cache-control')).toBe('public, max-age=30');
    expect(Object.keys(jwksSchema.parse(body).keys[0]!).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    expect(Object.keys(body.keys[0])).not.toContain('d');
    const pem = monolith().keys.signer().publicKey;
    expect(jwt.verify(token, pem, { algorithms: ['RS256'] })).toBeDefined();
  });

  describe('guessing', () => {
    const from = (address: string) => ({ 'x-forwarded-for': address });

    test('of fifty guesses at once ten are looked at, then the pair is closed, also to the right password', async () => {
      const email = await holder();
      const guesses = await Promise.all(
        Array.from({ length: 50 }, () => login({ email, password: 'guess' }, from('198.51.100.1'))),
      );
      const count = (status: number) => guesses.filter((guess) => guess.status === status).length;
      expect([count(401), count(429)]).toEqual([10, 40]);
      const refused = await login({ email, password: PASSWORD }, from('198.51.100.1'));
      expect({ status: refused.status, type: refused.body.type }).toEqual({ status: 429, type: 'too-many-requests' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    test('its victim, at another address, notices nothing', async () => {
      const email = await holder();
      for (let guess = 0; guess < 12; guess += 1) await login({ email, password: 'guess' }, from('198.51.100.2'));
      expect((await login({ email, password: PASSWORD }, from('203.0.113.5'))).status).toBe(200);
    });

    test('a hundred and twenty people who log in at once from one address all get in', async () => {
      const emails = await Promise.all(Array.from({ length: 120 }, () => holder()));
      const answers = await Promise.all(
        emails.map((email) => login({ email, password: PASSWORD }, from('203.0.113.77'))),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    });
  });
});

await describeOnBothDatabases('the limit for registrations', (kind) => {
  const limits = { ...TEST_CONFIG.authLimits, registrationsPerAddress: 2 };
  const monolith = useMonolith(kind, { authLimits: limits });

  test('the third from one address is 429, and a forged X-Forwarded-For changes nothing', async () => {
    const register = async (name: string) =>
      await monolith()
        .client()
        .post(
          '/auth/register',
          { email: `${name}@fit.example`, password: PASSWORD },
          { 'x-forwarded-for': `10.0.0.${name}` },
        );
    expect([(await register('1')).status, (await register('2')).status]).toEqual([201, 201]);
    const third = await register('3');
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
