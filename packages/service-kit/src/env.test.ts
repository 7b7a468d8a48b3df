import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { EnvError, commonEnv, envText, parseEnv } from './env.ts';

const shape = {
  ...commonEnv({ port: 3001 }),
  UPSTREAM_URL: envText.origin().default('http://127.0.0.1:3000'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres:/, 'must be a PostgreSQL URL')
    .optional(),
  LIMIT: envText.wholeNumber(1, 10).default(5),
  SEED: envText.flag().default(false),
};

test('defaults stand in for what is absent or empty', () => {
  expect(parseEnv(shape, { LIMIT: '', SEED: undefined })).toEqual({
    HOST: '127.0.0.1',
    PORT: 3001,
    LOG_LEVEL: 'info',
    FIT_REVISION: 'unknown',
    UPSTREAM_URL: 'http://127.0.0.1:3000',
    LIMIT: 5,
    SEED: false,
  });
});

test('values are parsed', () => {
  const env = { PORT: '0', LIMIT: '10', SEED: '1', UPSTREAM_URL: 'https://old.example:8443/' };
  expect(parseEnv(shape, env)).toMatchObject({
    PORT: 0,
    LIMIT: 10,
    SEED: true,
    UPSTREAM_URL: 'https://old.example:8443',
  });
});

test('every problem is listed at once, with the rule and the value received', () => {
  const env = { PORT: 'http', LIMIT: '11', SEED: 'yes', LOG_LEVEL: 'loud' };
  expect(problemsOf(env)).toEqual([
    'PORT: must be a whole number from 0 to 65535 (received "http")',
    expect.stringMatching(/^LOG_LEVEL: .*\(received "loud"\)$/),
    'LIMIT: must be a whole number from 1 to 10 (received "11")',
    expect.stringMatching(/^SEED: .*\(received "yes"\)$/),
  ]);
});

describe('a URL of an upstream', () => {
  test.each([
    'localhost:3000',
    'ftp://old.example',
    'http://old.example/api',
    'http://old.example/?x',
    'http://u:p@old.example',
  ])('is not %s', (url) => {
    expect(problemsOf({ UPSTREAM_URL: url })).toEqual([expect.stringMatching(/^UPSTREAM_URL: must be an absolute/)]);
  });
});

describe('METRICS_TOKEN', () => {
  test.each(['x'.repeat(16), 'a-Token/with+signs=1', 'x'.repeat(512)])('may be %s', (METRICS_TOKEN) => {
    expect(parseEnv(shape, { METRICS_TOKEN })).toMatchObject({ METRICS_TOKEN });
  });

  test.each(['s3cret-2-short', 's3cret with a space', 's3cret-with-ü-inside', `s3cret${'x'.repeat(507)}`])(
    'may not be %s, which is not repeated',
    (METRICS_TOKEN) => {
      expect(problemsOf({ METRICS_TOKEN })).toEqual([
        'METRICS_TOKEN: must have 16 to 512 visible ASCII characters (received what is not repeated here)',
      ]);
    },
  );
});

test('of a refused environment, what is one slip away from a variable is named too, without its value', () => {
  const env = { PORT: 'http', LIMT: 'value-of-it', SEED_DEMO: '1' };
  expect(() => parseEnv(shape, env)).toThrow(/LIMT is set, but nothing reads it; was LIMIT meant\?$/);
  expect(() => parseEnv(shape, env)).not.toThrow(/value-of-it/);
  expect(problemsOf(env)).toHaveLength(1);
});

test.each(['mysql://app:s3cret@db/fit', 'host=db password=s3cret', 'mysql://db/fit?password=s3cret'])(
  'what may hold a password where a URL should be is not repeated: %s',
  (value) => {
    const rule = 'DATABASE_URL: must be a PostgreSQL URL';
    expect(problemsOf({ DATABASE_URL: value })).toEqual([
      `${rule} (received what is not repeated here, as it may hold a password)`,
    ]);
  },
);

test.each(['mysql://db:3306', 'db', 'http://127.0.0.1:3000/'])('what holds none is: %s', (value) => {
  expect(problemsOf({ DATABASE_URL: value })[0]).toMatch(JSON.stringify(value));
});

test.each(['1e3', '-1', '1.5', ' 5', '0x5', '９', '9999999999999999'])('%j is no whole number', (value) => {
  expect(problemsOf({ LIMIT: value })).toHaveLength(1);
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    parseEnv(shape, env);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
  }
  return [];
}
