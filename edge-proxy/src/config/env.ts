import { ISSUER } from '@fit/contracts/auth';
import type { Audience } from '@fit/contracts/auth';
import { commonEnv, envText, parseEnv } from '@fit/service-kit/env';
import { TRACING_VARIABLES } from '@fit/service-kit/known-variables';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { trustedProxies } from '../domain/client-address.ts';
import { ADMIN_PUBLIC, refuseExposedAdmin } from './admin-exposure.ts';
import { LIMITS, clientLimits } from './limits.ts';

const DEFAULT_CONFIG = fileURLToPath(new URL('../../edge.config.yaml', import.meta.url));

/** Everything that the edge takes from its environment. The only place that reads it. */
export type EdgeEnv = ReturnType<typeof readEnv>;

const SHAPE = {
  ...commonEnv({ port: 8080 }),
  ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
  ADMIN_PORT: envText.port().default(8081),
  ADMIN_PUBLIC: z.enum(ADMIN_PUBLIC).optional(),
  ADMIN_HOSTS: z.string().default('').transform(toHostNames),
  ADMIN_TOKEN_FILE: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).default('.data/edge-proxy'),
  LEGACY_URL: envText.origin().default('http://127.0.0.1:3000'),
  COACH_URL: envText.origin().default('http://127.0.0.1:3001'),
  JWKS_URL: envText.url().optional(),
  JWT_ISSUER: z.string().min(1).default(ISSUER),
  // Any text: whoever puts the edge before servers of his own has an audience of his own.
  JWT_AUDIENCE: z
    .string()
    .default('fit')
    .transform((audience) => audience as Audience),
  TRUSTED_PROXIES: z.string().default('').transform(toTrustedProxies),
  REDIS_URL: envText.redisUrl().optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, colons, dashes and underscores')
    .default('strangler-edge'),
  WEBHOOK_URL: envText.url().refine(hasNoCredentials, 'must not hold a name or password').optional(),
  WEBHOOK_SECRET: z.string().min(16, 'must have at least 16 characters').optional(),
  WEBHOOK_FORMAT: z.enum(['json', 'slack'], 'must be json or slack').default('json'),
  FRONT_URL: envText.origin().refine(isHttps, 'must be an https origin: it is asked for its certificate').optional(),
  EDGE_CONFIG: z.string().min(1).default(DEFAULT_CONFIG),
  ...LIMITS,
  DRAIN_DELAY_MS: envText.wholeNumber(0, 600_000).default(500),
  EDGE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes and underscores')
    .default('edge-1'),
};

/** What the edge reads, whatever its route file names besides. */
export const EDGE_VARIABLES: readonly string[] = [...Object.keys(SHAPE), ...TRACING_VARIABLES];

/** @throws EnvError with all problems at once */
export function readEnv(env: NodeJS.ProcessEnv) {
  const values = parseEnv(SHAPE, env, refuseExposedAdmin);
  return {
    ...values,
    limits: clientLimits(values),
    JWKS_URL: values.JWKS_URL ?? `${values.LEGACY_URL}/.well-known/jwks.json`,
    /** What `${NAME}` in the route file stands for. */
    variables: { ...env, LEGACY_URL: values.LEGACY_URL, COACH_URL: values.COACH_URL },
  };
}

function isHttps(origin: string): boolean {
  return origin.startsWith('https:');
}

/** They would not be sent. */
function hasNoCredentials(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { username, password } = new URL(url);
  return username === '' && password === '';
}

/** As a `Host` header names them: `edge.example`, `192.0.2.1` or `[2001:db8::1]`. */
const HOST_NAME = /^(?:[a-z0-9][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\])$/;

function toHostNames(text: string, context: z.RefinementCtx): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  for (const name of names) {
    if (!HOST_NAME.test(name.toLowerCase())) {
      const rule = 'must be names or addresses, separated by commas, without a scheme or a port';
      context.addIssue({ code: 'custom', message: `${rule}; ${JSON.stringify(name)} is none` });
    }
  }
  return names.map((name) => name.toLowerCase());
}

function toTrustedProxies(text: string, context: z.RefinementCtx) {
  try {
    return trustedProxies(text.split(/[\s,]+/).filter((cidr) => cidr !== ''));
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
}
