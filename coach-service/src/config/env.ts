import { AUDIENCES, ISSUER } from '@fit/contracts/auth';
import type { Audience } from '@fit/contracts/auth';
import { EnvError, commonEnv, envText, parseEnv } from '@fit/service-kit/env';
import type { LogLevel } from '@fit/service-kit/env';
import { nearMisses } from '@fit/service-kit/near-miss';
import type { NearMiss } from '@fit/service-kit/near-miss';
import { TRACING_VARIABLES } from '@fit/service-kit/known-variables';
import { z } from 'zod';

export type CoachConfig = {
  host: string;
  port: number;
  logLevel: LogLevel;
  /** Whoever scrapes `/metrics` must know it. */
  metricsToken?: string | undefined;
  /** Of the sources that this was made from. */
  revision: string;
  /** Variables that are set and that nothing reads, and what was probably meant. */
  nearMisses: readonly NearMiss[];
  /** Workouts made at the same time; more are refused at once. */
  maxConcurrent: number;
  legacy: {
    /** Origin of the monolith. */
    url: string;
    /** What a person waits for the monolith at most; below the edge's first-byte time-out, so that the coach answers. */
    timeoutMs: number;
    /** Sockets to the monolith at most. */
    connections: number;
  };
  catalogue: {
    /** Served without asking the monolith. */
    freshMs: number;
    /** Served while it is revalidated or while the monolith is down; at least `freshMs`. */
    staleMs: number;
    /** One transfer of the whole catalogue may take so long; people wait `legacy.timeoutMs` for it at most. */
    timeoutMs: number;
  };
  tokens: { jwksUrl: string; issuer: string; audience: Audience };
};

const ENVIRONMENT = {
  ...commonEnv({ port: 3001 }),
  LEGACY_URL: envText.origin().default('http://127.0.0.1:3000'),
  JWKS_URL: envText.url().optional(),
  JWT_ISSUER: z.string().min(1).default(ISSUER),
  JWT_AUDIENCE: z.enum(AUDIENCES).default('fit'),
  LEGACY_TIMEOUT_MS: envText.wholeNumber(10, 60_000).default(600),
  LEGACY_CONNECTIONS: envText.wholeNumber(1, 1024).default(64),
  MAX_CONCURRENT: envText.wholeNumber(1, 65_536).default(256),
  CATALOGUE_FRESH_MS: envText.wholeNumber(0, 86_400_000).default(30_000),
  CATALOGUE_STALE_MS: envText.wholeNumber(0, 604_800_000).default(1_800_000),
  CATALOGUE_TIMEOUT_MS: envText.wholeNumber(10, 60_000).default(5000),
};

/** What the coach reads. */
export const COACH_VARIABLES: readonly string[] = [...Object.keys(ENVIRONMENT), ...TRACING_VARIABLES];

/**
 * The only reader of the environment.
 *
 * @throws EnvError with every problem
 */
export function coachConfigFrom(env: NodeJS.ProcessEnv): CoachConfig {
  const parsed = parseEnv(ENVIRONMENT, env);
  if (parsed.CATALOGUE_STALE_MS < parsed.CATALOGUE_FRESH_MS) {
    throw new EnvError([
      `CATALOGUE_STALE_MS: must be at least CATALOGUE_FRESH_MS, ${parsed.CATALOGUE_FRESH_MS} (received ${parsed.CATALOGUE_STALE_MS})`,
    ]);
  }
  return {
    host: parsed.HOST,
    port: parsed.PORT,
    logLevel: parsed.LOG_LEVEL,
    metricsToken: parsed.METRICS_TOKEN,
    revision: parsed.FIT_REVISION,
    nearMisses: nearMisses(env, COACH_VARIABLES),
    maxConcurrent: parsed.MAX_CONCURRENT,
    legacy: {
      url: parsed.LEGACY_URL,
      timeoutMs: parsed.LEGACY_TIMEOUT_MS,
      connections: parsed.LEGACY_CONNECTIONS,
    },
    catalogue: {
      freshMs: parsed.CATALOGUE_FRESH_MS,
      staleMs: parsed.CATALOGUE_STALE_MS,
      timeoutMs: parsed.CATALOGUE_TIMEOUT_MS,
    },
    tokens: {
      jwksUrl: parsed.JWKS_URL ?? `${parsed.LEGACY_URL}/.well-known/jwks.json`,
      issuer: parsed.JWT_ISSUER,
      audience: parsed.JWT_AUDIENCE,
    },
  };
}
