import { readFileSync } from 'node:fs';
import { StartError } from '@fit/service-kit/start-error';
import { parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import type { KeyPlace } from '../domain/key-place.ts';
import { weightFromPercent, weightPercentSchema } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';
import { because } from './because.ts';
import { keySourceSchema } from './key-source.ts';

export type UpstreamConfig = z.output<typeof upstreamSchema>;

/** One migration: a path that moves from one upstream to another. */
export type RouteConfig = {
  name: string;
  path: string;
  old: string;
  new: string;
  key: KeyPlace;
  initialWeight: Weight;
  deadlineMs: number;
  /** Share of recent requests that may fall back although the new side is merely too busy, 0–100. */
  fallbackBudgetPercent: number;
};

export type RouteFile = {
  upstreams: Readonly<Record<string, UpstreamConfig>>;
  /** Serves all that no route takes. */
  defaultUpstream: string;
  routes: readonly RouteConfig[];
  /** Paths that are never passed on: 404. */
  internalPaths: readonly string[];
};

/** The route file cannot be used; `problems` lists everything that is wrong. */
export class RouteFileError extends StartError {
  constructor(file: string, problems: readonly string[], cause?: unknown) {
    super('bad-route-file', `${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, {
      cause,
    });
    this.name = 'RouteFileError';
  }
}

const milliseconds = (fallback: number) => z.int().min(1).max(600_000).default(fallback);
const path = z.string().regex(/^\/[^?#\s]*$/, because('must start with / and have no query, fragment or space'));
const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, because('must be 1 to 63 lower-case letters, digits and dashes, a letter first'));

const percent = (fallback: number) => z.int().min(0).max(100).default(fallback);

const breakerSchema = z
  .strictObject({
    failures: z.int().min(1).max(1000).default(5),
    percent: percent(50).refine((share) => share > 0, because('must be from 1 to 100')),
    minimumCalls: z.int().min(1).max(10_000).default(10),
    windowMs: milliseconds(2000),
    openMs: milliseconds(1000),
    maxOpenMs: milliseconds(5000),
  })
  .refine(({ openMs, maxOpenMs }) => maxOpenMs >= openMs, because('maxOpenMs must not be less than openMs'))
  .prefault({});

const upstreamSchema = z.strictObject({
  url: z.string().refine(isOrigin, because('must be an http or https origin without a path')),
  firstByteTimeoutMs: milliseconds(12_000),
  bodyIdleTimeoutMs: milliseconds(30_000),
  connectTimeoutMs: milliseconds(1000),
  keepAliveTimeoutMs: milliseconds(4000),
  maxInFlight: z.int().min(1).max(65_535).default(512),
  breaker: breakerSchema,
});

const routeSchema = z.strictObject({
  name,
  path,
  old: z.string(),
  new: z.string(),
  key: keySourceSchema.default({ from: 'claim', name: 'sub' }),
  initialWeight: weightPercentSchema.default(0).transform(weightFromPercent),
  deadlineMs: milliseconds(12_000),
  fallbackBudgetPercent: percent(20),
});

/** Answered by the edge on its public port. */
const OWN_PATHS = ['/health', '/ready'];

/** As much of a file as `checkReferences` looks at: its faults are told beside those of everything else. */
const referencesSchema = z.object({
  upstreams: z.record(z.string(), z.unknown()),
  defaultUpstream: z.string(),
  routes: z.array(z.object({ name: z.string(), path: z.string(), old: z.string(), new: z.string() })),
  internalPaths: z.array(z.string()),
});

const routeFileSchema = z
  .strictObject({
    upstreams: z.record(name, upstreamSchema),
    defaultUpstream: z.string(),
    routes: z.array(routeSchema).default([]),
    internalPaths: z.array(path).default(['/metrics']),
  })
  .superRefine(checkReferences, { when: ({ value }) => referencesSchema.safeParse(value).success });

/**
 * Reads and checks the route file (YAML).
 *
 * @param variables what `${NAME}` in a value stands for; `${NAME:-TEXT}` is TEXT while NAME is unset or empty
 * @throws RouteFileError with all problems at once
 */
export function loadRouteFile(file: string, variables: Readonly<Record<string, string | undefined>>): RouteFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RouteFileError(file, [`cannot be read: ${(cause as Error).message}`], cause);
  }
  return parseRouteFile(file, text, variables);
}

export function parseRouteFile(
  file: string,
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): RouteFile {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new RouteFileError(
      file,
      document.errors.map((error) => error.message),
    );
  const unknown = new Set<string>();
  const filled = fill(plainValue(file, document), variables, unknown);
  const result = routeFileSchema.safeParse(filled, { reportInput: true });
  const problems = [
    ...[...unknown].map((variable) => `\${${variable}} is not set in the environment`),
    ...(result.error?.issues ?? []).map(problemOf),
  ];
  if (problems.length > 0 || !result.success) throw new RouteFileError(file, problems);
  return result.data;
}

/** Where, the rule, and the value that was received where the message does not say it. */
function problemOf({ path: at, message, input, code }: z.core.$ZodIssue): string {
  const says = /received/.test(message) || code === 'unrecognized_keys' || input === undefined;
  return `${at.join('.') || 'the file'}: ${message}${says ? '' : `, received ${JSON.stringify(input)}`}`;
}

/** Aliases that hold themselves, or grow beyond measure, cannot be written out. */
function plainValue(file: string, document: Document): unknown {
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null));
  } catch (cause) {
    throw new RouteFileError(file, [`cannot be written out: ${(cause as Error).message}`], cause);
  }
}

function fill(value: unknown, variables: Readonly<Record<string, string | undefined>>, unknown: Set<string>): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, variable: string, fallback?: string) => {
      if (fallback !== undefined) return variables[variable] || fallback;
      if (variables[variable] === undefined) unknown.add(variable);
      return variables[variable] ?? whole;
    });
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, variables, unknown));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, variables, unknown)]));
}

/** Every upstream that is named exists; no two routes share a name or a path, and none would be out of reach. */
function checkReferences(file: z.output<typeof referencesSchema>, context: z.RefinementCtx): void {
  for (const { at, upstream } of referencedUpstreams(file)) {
    if (Object.hasOwn(file.upstreams, upstream)) continue;
    const message = `must name an upstream, received ${JSON.stringify(upstream)}`;
    context.addIssue({ code: 'custom', path: at, message });
  }
  for (const [at, { path: taken }] of file.routes.entries()) {
    if (!OWN_PATHS.includes(taken) && !file.internalPaths.includes(taken)) continue;
    const message = `must not be an internal path or one that the edge answers itself, received ${JSON.stringify(taken)}`;
    context.addIssue({ code: 'custom', path: ['routes', at, 'path'], message });
  }
  for (const member of ['name', 'path'] as const) {
    const values = file.routes.map((route) => route[member]);
    for (const at of repeated(values)) {
      const message = `must differ from that of every other route, received ${JSON.stringify(values[at])}`;
      context.addIssue({ code: 'custom', path: ['routes', at, member], message });
    }
  }
}

function referencedUpstreams(file: z.output<typeof referencesSchema>) {
  return [
    { at: ['defaultUpstream'] as (string | number)[], upstream: file.defaultUpstream },
    ...file.routes.flatMap((route, index) =>
      (['old', 'new'] as const).map((side) => ({ at: ['routes', index, side], upstream: route[side] })),
    ),
  ];
}

function repeated(values: readonly string[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' && !search && !hash && !username && !password;
}
