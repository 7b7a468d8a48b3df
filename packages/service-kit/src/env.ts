import { z } from 'zod';
import { nearMisses, sayNearMiss } from './near-miss.ts';
import { StartError } from './start-error.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Schemas for values that arrive as text. */
export const envText = {
  /** A TCP port, 0–65535; 0 lets the system choose. */
  port: () => wholeNumber(0, 65_535),
  /** A whole number within bounds, both included. */
  wholeNumber,
  /** An absolute http or https URL without a path, query or credentials. */
  origin: () =>
    z
      .string()
      .refine(isOrigin, 'must be an absolute http or https URL without path, query or credentials')
      .transform((url) => new URL(url).origin),
  url: () => z.url({ protocol: /^https?$/, error: 'must be an absolute http or https URL' }),
  redisUrl: () => z.url({ protocol: /^rediss?$/, error: 'must be a redis or rediss URL' }),
  /** `1` or `0`. */
  flag: () => z.enum(['0', '1']).transform((value) => value === '1'),
};

/** Environment that every process reads. */
export const commonEnv = (defaults: { port: number }) => ({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: envText.port().default(defaults.port),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** Whoever scrapes `/metrics` must know it; with none, whoever reaches it may. */
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,512}$/, 'must have 16 to 512 visible ASCII characters')
    .optional(),
  /** Of the sources that an image was made from. */
  FIT_REVISION: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, pluses, dashes and underscores')
    .default('unknown'),
});

/** The environment cannot be used; `problems` lists every variable that is wrong. */
export class EnvError extends StartError {
  readonly problems: readonly string[];

  /** @param hints what may be of help, and is no problem by itself */
  constructor(problems: readonly string[], hints: readonly string[] = []) {
    const lines = [...problems.map((problem) => `  - ${problem}`), ...hints];
    super('bad-environment', `The environment cannot be used:\n${lines.join('\n')}`);
    this.name = 'EnvError';
    this.problems = problems;
  }
}

/** A rule about several variables; each of its problems begins with the name of one. */
export type RuleAcross = (env: NodeJS.ProcessEnv) => readonly string[];

/**
 * Parses environment variables; an empty one counts as absent.
 *
 * @throws EnvError with all problems at once, those of the rules too
 */
export function parseEnv<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
  ...rules: readonly RuleAcross[]
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(Object.keys(shape).map((name) => [name, env[name] || undefined]));
  const result = z.object(shape).safeParse(present);
  const acrossVariables = rules.flatMap((rule) => rule(env));
  if (result.success && acrossVariables.length === 0) return result.data;
  const ofOne = (result.error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    return `${name}: ${issue.message} (received ${describeValue(name, env[name])})`;
  });
  throw new EnvError([...ofOne, ...acrossVariables], nearMisses(env, Object.keys(shape)).map(sayNearMiss));
}

function wholeNumber(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, rule)
    .transform(Number)
    .refine((value) => value >= min && value <= max, rule);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username;
}

/** Of what should be a URL, nothing but an origin: a password may be anywhere else in it. */
const PLAIN_URL = /^[a-z]+:\/\/[\w.-]+(?::\d+)?\/?$/i;

/** Secrets are not repeated, nor what may hold one. */
function describeValue(name: string, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  if (/SECRET|PASSWORD|WEBHOOK_URL|TOKEN$|HEADERS$/.test(name)) return 'what is not repeated here';
  if (!/URL|TOKEN|ENDPOINT/.test(name) || PLAIN_URL.test(value) || isHarmless(value)) return JSON.stringify(value);
  return 'what is not repeated here, as it may hold a password';
}

/** A word without anything that could part a name from a secret. */
function isHarmless(value: string): boolean {
  return /^[\w./-]{0,64}(?::\d{1,5})?$/.test(value);
}
