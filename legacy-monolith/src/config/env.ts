import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { commonEnv, envText, parseEnv } from '@fit/service-kit/env';
import type { LogLevel } from '@fit/service-kit/env';
import { nearMisses } from '@fit/service-kit/near-miss';
import type { NearMiss } from '@fit/service-kit/near-miss';
import { TRACING_VARIABLES } from '@fit/service-kit/known-variables';
import { z } from 'zod';

/** Where the data lives. */
export type DatabaseConfig =
  | { kind: 'pglite'; /** Absent: in memory, gone with the process. */ dataDir?: string }
  | { kind: 'postgres'; url: string };

/** How many failures or registrations one window admits before 429. */
export type AuthLimits = {
  /** Failed logins for one account from one address. */
  failuresPerPair: number;
  /** Failed logins from one address, whatever the account. */
  failuresPerAddress: number;
  /** Failed logins for one account, from all addresses that never logged into it. */
  failuresPerAccount: number;
  registrationsPerAddress: number;
  windowSeconds: number;
};

/** argon2id's cost (RFC 9106). */
export type HashingCost = { memoryKib: number; passes: number };

/** What the old generator costs, and how much of it may run or wait at once. */
export type GeneratorLimits = {
  /** Each run takes a uniform random time between the two, both included. */
  costMs: { min: number; max: number };
  workers: number;
  /** Waiting requests; one more gets 503. */
  queue: number;
};

export type MonolithConfig = {
  host: string;
  port: number;
  logLevel: LogLevel;
  /** Whoever scrapes `/metrics` must know it. */
  metricsToken?: string | undefined;
  /** Of the sources that this was made from. */
  revision: string;
  /** Variables that are set and that nothing reads, and what was probably meant. */
  nearMisses: readonly NearMiss[];
  database: DatabaseConfig;
  /** Present: demo accounts and history are made at the start. */
  demo?: {
    password: string;
    /** Accounts beside the demo user, `person-0001@fit.example` and on, for load tests. */
    people: number;
  };
  generator: GeneratorLimits;
  /** Proxies whose `X-Forwarded-For` counts, as CIDRs or addresses. */
  trustedProxies: string[];
  signingKeyMaxAgeDays: number;
  authLimits: AuthLimits;
  hashing: HashingCost;
};

const COST_RULE = 'must be milliseconds, `1000-5000` or one number, at most 60000, the smaller first';
const PROXY_RULE = 'must be addresses or CIDRs with commas between, like 10.0.0.0/8,::1';
const MAX_COST_MS = 60_000;

const costMs = z.string().transform((text, context) => {
  const [, min, max = min] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { min: Number(min), max: Number(max) };
  if (range.min <= range.max && range.max <= MAX_COST_MS) return range;
  context.addIssue(COST_RULE);
  return z.NEVER;
});

const networks = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every(isNetwork), PROXY_RULE);

const databaseEnv = {
  DATA_DIR: z.string().min(1).default('.data/legacy-monolith'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }).optional(),
  DATABASE_PASSWORD_FILE: z.string().transform(readSecret).optional(),
};

const monolithEnv = {
  ...commonEnv({ port: 3000 }),
  ...databaseEnv,
  SEED_DEMO: envText.flag().default(false),
  SEED_DEMO_PEOPLE: envText.wholeNumber(0, 10_000).default(0),
  DEMO_PASSWORD: z.string().min(10, 'must have at least 10 characters').max(256).default('demo-password'),
  LEGACY_WOD_COST_MS: costMs.default({ min: 1000, max: 5000 }),
  LEGACY_WOD_WORKERS: envText.wholeNumber(1, 1024).default(32),
  LEGACY_WOD_QUEUE: envText.wholeNumber(0, 100_000).default(256),
  TRUSTED_PROXIES: networks.default([]),
  SIGNING_KEY_MAX_AGE_DAYS: envText.wholeNumber(1, 3650).default(30),
  LOGIN_FAILURES_PER_PAIR: envText.wholeNumber(1, 1_000_000).default(10),
  LOGIN_FAILURES_PER_ADDRESS: envText.wholeNumber(1, 1_000_000).default(100),
  LOGIN_FAILURES_PER_ACCOUNT: envText.wholeNumber(1, 1_000_000).default(200),
  REGISTRATIONS_PER_ADDRESS: envText.wholeNumber(1, 1_000_000).default(100),
  AUTH_WINDOW_SECONDS: envText.wholeNumber(1, 86_400).default(900),
};

/** What the monolith reads. */
export const MONOLITH_VARIABLES: readonly string[] = [...Object.keys(monolithEnv), ...TRACING_VARIABLES];

/** OWASP's first choice for argon2id where memory counts: 19 MiB, two passes. */
const HASHING_COST: HashingCost = { memoryKib: 19_456, passes: 2 };

/**
 * The only reader of the monolith's environment.
 *
 * @throws EnvError with every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv): MonolithConfig {
  const values = parseEnv(monolithEnv, env);
  return {
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    metricsToken: values.METRICS_TOKEN,
    revision: values.FIT_REVISION,
    nearMisses: nearMisses(env, MONOLITH_VARIABLES),
    database: databaseConfig(values),
    ...(values.SEED_DEMO && { demo: { password: values.DEMO_PASSWORD, people: values.SEED_DEMO_PEOPLE } }),
    generator: {
      costMs: values.LEGACY_WOD_COST_MS,
      workers: values.LEGACY_WOD_WORKERS,
      queue: values.LEGACY_WOD_QUEUE,
    },
    trustedProxies: values.TRUSTED_PROXIES,
    signingKeyMaxAgeDays: values.SIGNING_KEY_MAX_AGE_DAYS,
    authLimits: {
      failuresPerPair: values.LOGIN_FAILURES_PER_PAIR,
      failuresPerAddress: values.LOGIN_FAILURES_PER_ADDRESS,
      failuresPerAccount: values.LOGIN_FAILURES_PER_ACCOUNT,
      registrationsPerAddress: values.REGISTRATIONS_PER_ADDRESS,
      windowSeconds: values.AUTH_WINDOW_SECONDS,
    },
    hashing: HASHING_COST,
  };
}

/** What a command needs: the database alone. */
export function readDatabaseConfig(env: NodeJS.ProcessEnv): DatabaseConfig {
  return databaseConfig(parseEnv(databaseEnv, env));
}

function databaseConfig({
  DATA_DIR: dataDir,
  DATABASE_URL: url,
  DATABASE_PASSWORD_FILE: password,
}: z.output<z.ZodObject<typeof databaseEnv>>): DatabaseConfig {
  if (url === undefined) return { kind: 'pglite', dataDir };
  const complete = new URL(url);
  if (password !== undefined) complete.password = encodeURIComponent(password);
  return { kind: 'postgres', url: complete.href };
}

function readSecret(file: string, context: z.RefinementCtx): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    context.addIssue(`must be a file that can be read: ${(error as Error).message}`);
    return z.NEVER;
  }
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/', 2);
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, prefix === undefined ? 0 : Number(prefix), family);
    return true;
  } catch {
    return false;
  }
}
