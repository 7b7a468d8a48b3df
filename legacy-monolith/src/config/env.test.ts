import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { EnvError } from '@fit/service-kit/env';
import { KNOWN_VARIABLES } from '@fit/service-kit/known-variables';
import { MONOLITH_VARIABLES, readConfig } from './env.ts';

describe('readConfig', () => {
  test('an empty environment gives the defaults of the README', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      logLevel: 'info',
      metricsToken: undefined,
      revision: 'unknown',
      nearMisses: [],
      database: { kind: 'pglite', dataDir: '.data/legacy-monolith' },
      generator: { costMs: { min: 1000, max: 5000 }, workers: 32, queue: 256 },
      trustedProxies: [],
      signingKeyMaxAgeDays: 30,
      authLimits: {
        failuresPerPair: 10,
        failuresPerAddress: 100,
        failuresPerAccount: 200,
        registrationsPerAddress: 100,
        windowSeconds: 900,
      },
      hashing: { memoryKib: 19_456, passes: 2 },
    });
  });

  test('every variable is known as no slip of another one', () => {
    expect(KNOWN_VARIABLES).toEqual(expect.arrayContaining([...MONOLITH_VARIABLES]));
  });

  test('a slip is noticed, and what it was meant to be', () => {
    expect(readConfig({ DATABSE_URL: 'postgres://fit:secret@db/fit' }).nearMisses).toEqual([
      { variable: 'DATABSE_URL', meant: 'DATABASE_URL' },
    ]);
  });

  test('DATABASE_URL wins over DATA_DIR, SEED_DEMO brings the demo', () => {
    const config = readConfig({ DATABASE_URL: 'postgres://fit@db/fit', DATA_DIR: '/data', SEED_DEMO: '1' });
    expect(config.database).toEqual({ kind: 'postgres', url: 'postgres://fit@db/fit' });
    expect(config.demo).toEqual({ password: 'demo-password', people: 0 });
  });

  test('the password of the database may come from a file, and is completed into the URL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'password-'));
    const file = join(folder, 'password');
    writeFileSync(file, 'p@ss%/word\n');
    const env = { DATABASE_URL: 'postgres://fit@db/fit', DATABASE_PASSWORD_FILE: file };
    expect(readConfig(env).database).toEqual({ kind: 'postgres', url: 'postgres://fit:p%40ss%25%2Fword@db/fit' });
    rmSync(folder, { recursive: true });
    expect(() => readConfig(env)).toThrow(/DATABASE_PASSWORD_FILE: must be a file that can be read: ENOENT/);
  });

  test('people for a load test come with the demo alone', () => {
    expect(readConfig({ SEED_DEMO: '1', SEED_DEMO_PEOPLE: '500' }).demo).toMatchObject({ people: 500 });
    expect(readConfig({ SEED_DEMO_PEOPLE: '500' }).demo).toBeUndefined();
  });

  test.each([
    ['0', { min: 0, max: 0 }],
    ['250', { min: 250, max: 250 }],
    ['1000-5000', { min: 1000, max: 5000 }],
  ])('a cost of %s', (text, costMs) => {
    expect(readConfig({ LEGACY_WOD_COST_MS: text }).generator.costMs).toEqual(costMs);
  });

  test.each([
    ['LEGACY_WOD_COST_MS', '5000-1000'],
    ['LEGACY_WOD_COST_MS', '60001'],
    ['LEGACY_WOD_COST_MS', '1-2-3'],
    ['LEGACY_WOD_COST_MS', '-5'],
    ['LEGACY_WOD_WORKERS', '0'],
    ['LEGACY_WOD_QUEUE', '1e3'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/8,proxy.local'],
    ['TRUSTED_PROXIES', '::1/129'],
    ['DATABASE_URL', 'mysql://db/fit'],
    ['SEED_DEMO', 'yes'],
    ['SEED_DEMO_PEOPLE', '10001'],
    ['SEED_DEMO_PEOPLE', '-1'],
    ['SIGNING_KEY_MAX_AGE_DAYS', '0'],
    ['PORT', '65536'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`${name}: `));
  });

  test('every problem is listed at once', () => {
    const read = () => readConfig({ PORT: 'x', SEED_DEMO: 'x', LEGACY_WOD_COST_MS: 'x' });
    expect(read).toThrow(EnvError);
    expect(read).toThrow(/PORT[^]*SEED_DEMO[^]*LEGACY_WOD_COST_MS/);
  });

  test('proxies may be addresses and networks of both families', () => {
    const config = readConfig({ TRUSTED_PROXIES: '10.0.0.0/8, ::1,2001:db8::/32' });
    expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1', '2001:db8::/32']);
  });
});
