import { describe, expect, test } from '@jest/globals';
import type { EnvError } from '@fit/service-kit/env';
import { KNOWN_VARIABLES } from '@fit/service-kit/known-variables';
import { EDGE_VARIABLES, readEnv } from './env.ts';

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    return (error as EnvError).problems;
  }
};

test("an audience and an issuer of somebody else's are as good as ours", () => {
  const env = { JWKS_URL: 'https://id.example/keys', JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'shop' };
  expect(readEnv(env)).toMatchObject(env);
});

test('without a word the keys are those of the monolith', () => {
  expect(readEnv({ LEGACY_URL: 'http://old.example:3000/' })).toMatchObject({
    JWKS_URL: 'http://old.example:3000/.well-known/jwks.json',
    JWT_ISSUER: 'fit-monolith',
    JWT_AUDIENCE: 'fit',
  });
});

test('every variable is known as no slip of another one', () => {
  expect(KNOWN_VARIABLES).toEqual(expect.arrayContaining([...EDGE_VARIABLES]));
});

test('the whole environment is there for the route file', () => {
  expect(readEnv({ SHOP_PORT: '4001' }).variables).toMatchObject({
    SHOP_PORT: '4001',
    LEGACY_URL: 'http://127.0.0.1:3000',
    COACH_URL: 'http://127.0.0.1:3001',
  });
});

test.each([
  [
    'REDIS_PREFIX',
    'must be 1 to 64 letters, digits, dots, colons, dashes and underscores',
    ['a_b:c.d-9', 'x'.repeat(64)],
  ],
  ['EDGE_ID', 'must be 1 to 64 letters, digits, dots, dashes and underscores', ['a_b.c-9', 'x'.repeat(64)]],
])('%s %s', (name, rule, good) => {
  for (const value of good) expect(problemsOf({ [name]: value })).toEqual([]);
  for (const value of ['a b', 'a/b', 'ä', 'x'.repeat(65)]) {
    expect(problemsOf({ [name]: value })).toEqual([`${name}: ${rule} (received ${JSON.stringify(value)})`]);
  }
});

test('what is wrong with a webhook is told without what it holds', () => {
  const env = { WEBHOOK_URL: 'hooks.example/T0/secret', WEBHOOK_SECRET: 'too short', WEBHOOK_FORMAT: 'xml' };
  expect(problemsOf(env)).toEqual([
    'WEBHOOK_URL: must be an absolute http or https URL (received what is not repeated here)',
    'WEBHOOK_SECRET: must have at least 16 characters (received what is not repeated here)',
    'WEBHOOK_FORMAT: must be json or slack (received "xml")',
  ]);
  expect(problemsOf({ WEBHOOK_URL: 'https://me:secret@hooks.example/' })).toEqual([
    'WEBHOOK_URL: must not hold a name or password (received what is not repeated here)',
  ]);
});

describe('the admin listener', () => {
  test.each(['', '127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    'may stay on this machine: %j',
    (host) => expect(problemsOf({ ADMIN_HOST: host })).toEqual([]),
  );

  test.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', 'edge.example', 'localhost.example'])(
    'leaves it on %s only if somebody says how that is safe',
    (host) => {
      expect(problemsOf({ ADMIN_HOST: host })).toEqual([
        expect.stringMatching(/^ADMIN_HOST: .*ADMIN_PUBLIC=tls-in-front if .*ADMIN_PUBLIC=plain if /),
      ]);
      expect(problemsOf({ ADMIN_HOST: host, ADMIN_PUBLIC: 'plain' })).toEqual([]);
      expect(problemsOf({ ADMIN_HOST: host, ADMIN_PUBLIC: 'tls-in-front' })).toEqual([]);
    },
  );

  test('that is exposed is told together with everything else', () => {
    expect(problemsOf({ ADMIN_HOST: '0.0.0.0', PORT: 'x' }).map((problem) => problem.split(':')[0])).toEqual([
      'PORT',
      'ADMIN_HOST',
    ]);
    expect(problemsOf({ ADMIN_HOST: '0.0.0.0', ADMIN_PUBLIC: 'yes' })).toHaveLength(1);
  });

  test('is called by the names that are listed', () => {
    expect(readEnv({ ADMIN_HOSTS: 'Edge.Example, edge-1 [2001:DB8::1]' }).ADMIN_HOSTS).toEqual([
      'edge.example',
      'edge-1',
      '[2001:db8::1]',
    ]);
  });

  test.each(['edge:8081', 'http://edge', 'edge/path', '*', '*.example', 'a@b'])('is not called %s', (name) => {
    expect(problemsOf({ ADMIN_HOSTS: `edge-1,${name}` })).toEqual([
      expect.stringContaining(
        `ADMIN_HOSTS: must be names or addresses, separated by commas, without a scheme or a port; "${name}"`,
      ),
    ]);
  });
});
