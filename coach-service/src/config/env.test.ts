import { describe, expect, test } from '@jest/globals';
import { EnvError } from '@fit/service-kit/env';
import { KNOWN_VARIABLES } from '@fit/service-kit/known-variables';
import { COACH_VARIABLES, coachConfigFrom } from './env.ts';

test('nothing set is the documented configuration', () => {
  expect(coachConfigFrom({})).toEqual({
    host: '127.0.0.1',
    port: 3001,
    logLevel: 'info',
    metricsToken: undefined,
    revision: 'unknown',
    nearMisses: [],
    maxConcurrent: 256,
    legacy: { url: 'http://127.0.0.1:3000', timeoutMs: 600, connections: 64 },
    catalogue: { freshMs: 30_000, staleMs: 1_800_000, timeoutMs: 5000 },
    tokens: { jwksUrl: 'http://127.0.0.1:3000/.well-known/jwks.json', issuer: 'fit-monolith', audience: 'fit' },
  });
});

test('every variable is known as no slip of another one', () => {
  expect(KNOWN_VARIABLES).toEqual(expect.arrayContaining([...COACH_VARIABLES]));
});

test('a slip is noticed, and what it was meant to be; a right one of another process is none', () => {
  expect(coachConfigFrom({ LEGACY_ULR: 'secret', LEGACY_WOD_QUEUE: '1', EDGE_ID: 'e' }).nearMisses).toEqual([
    { variable: 'LEGACY_ULR', meant: 'LEGACY_URL' },
  ]);
});

test('the key set is the monolith’s unless it is named', () => {
  expect(coachConfigFrom({ LEGACY_URL: 'https://old.example' }).tokens.jwksUrl).toBe(
    'https://old.example/.well-known/jwks.json',
  );
  expect(coachConfigFrom({ JWKS_URL: 'https://keys.example/set' }).tokens.jwksUrl).toBe('https://keys.example/set');
});

describe('what cannot be used is refused', () => {
  test('with every problem at once', () => {
    const env = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      LEGACY_URL: 'http://127.0.0.1:3000/api',
      JWKS_URL: 'file:///etc/passwd',
      JWT_AUDIENCE: 'everyone',
      LEGACY_TIMEOUT_MS: '0.5',
      MAX_CONCURRENT: '0',
    };
    expect(problemsOf(env).map((problem) => problem.split(':', 1)[0])).toEqual(Object.keys(env));
  });

  test.each([
    ['LEGACY_TIMEOUT_MS', '-1'],
    ['LEGACY_TIMEOUT_MS', '600ms'],
    ['LEGACY_CONNECTIONS', '0'],
    ['CATALOGUE_FRESH_MS', '1e3'],
    ['CATALOGUE_TIMEOUT_MS', '99999999999999999999'],
    ['PORT', ' 80'],
  ])('%s=%j', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: .*received "${value}"`)),
    ]);
  });

  test('a stale bound below the fresh one', () => {
    expect(problemsOf({ CATALOGUE_FRESH_MS: '2000', CATALOGUE_STALE_MS: '1999' })).toEqual([
      'CATALOGUE_STALE_MS: must be at least CATALOGUE_FRESH_MS, 2000 (received 1999)',
    ]);
  });
});

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    coachConfigFrom(env);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
  }
  return [];
}
