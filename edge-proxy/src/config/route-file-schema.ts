import { z } from 'zod';
import { rampPlanSchema, selector } from '../domain/ramp-plan.ts';
import type { DirectCallsCounter, RetirementTerms } from '../domain/retirement.ts';
import { weightFromPercent, weightPercentSchema } from '../domain/weight.ts';
import { checkReferences } from './check-references.ts';
import { keySourceSchema } from './key-source.ts';

/** What a route file may say. Descriptions, ranges and examples are what editors show and `edgectl config check` advises. */

const milliseconds = (fallback: number, description: string) =>
  z.int().min(1).max(600_000).default(fallback).describe(`Milliseconds. ${description}`);

const path = z.string().regex(/^\/[^?#\s]*$/, 'must start with / and have no query, fragment or space');

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and dashes, a letter first');

const upstreamName = (description: string) => z.string().meta({ description, examples: ['legacy'] });

/** As much of a breaker as its rule between fields needs. */
const openTimesSchema = z.object({ openMs: z.int(), maxOpenMs: z.int() });

const breakerSchema = z
  .strictObject({
    failures: z.int().min(1).max(1000).default(5).describe('So many failures in a row open it.'),
    percent: z
      .int()
      .min(1)
      .max(100)
      .default(50)
      .describe('Percent. This share of failures among the calls of the last windowMs opens it, too.'),
    minimumCalls: z
      .int()
      .min(1)
      .max(10_000)
      .default(10)
      .describe('Fewer calls than these within windowMs say nothing.'),
    windowMs: milliseconds(2000, 'How far back calls are counted.'),
    openMs: milliseconds(1000, 'Until probes are let through; twice as long after each that fails.'),
    maxOpenMs: milliseconds(5000, 'The longest time until probes are let through; at least openMs.'),
  })
  .refine(({ openMs, maxOpenMs }) => maxOpenMs >= openMs, {
    error: 'must not be less than openMs',
    path: ['maxOpenMs'],
    when: ({ value }) => openTimesSchema.safeParse(value).success,
  })
  .prefault({})
  .describe('When the edge stops asking an upstream that fails, and for how long.');

const upstreamSchema = z
  .strictObject({
    url: z
      .string()
      .refine(isOrigin, 'must be an http or https origin without a path')
      .meta({ description: 'Scheme, host and port of the server.', examples: ['http://127.0.0.1:3000'] }),
    firstByteTimeoutMs: milliseconds(12_000, 'From the start of a call to the first byte of its answer.'),
    bodyIdleTimeoutMs: milliseconds(30_000, 'The longest silence within an answer.'),
    connectTimeoutMs: milliseconds(1000, 'For a new connection.'),
    keepAliveTimeoutMs: milliseconds(4000, 'An unused connection is closed; sooner if the upstream announces less.'),
    maxInFlight: z
      .int()
      .min(1)
      .max(65_535)
      .default(512)
      .describe('Calls at the same time; one more is refused at once.'),
    breaker: breakerSchema,
  })
  .describe('A server that requests are passed on to.');

const mirrorSchema = z
  .strictObject({
    maxInFlight: z.int().min(1).max(1000).default(16).describe('Copies at the same time; more are dropped.'),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(16_777_216)
      .default(262_144)
      .describe('Bytes. A longer answer, of either side, is not compared.'),
    timeoutMs: milliseconds(10_000, 'For a whole copy.'),
  })
  .prefault({})
  .describe('Bounds on copies of requests to the side that did not answer.');

const fieldNames = (description: string) =>
  z.array(z.string().min(1).max(200)).max(200).default([]).describe(description);

const compareSchema = z
  .strictObject({
    module: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          'TypeScript or JavaScript module with a comparator, relative to this file; else answers are compared as JSON.',
        examples: ['./comparators/workout.ts'],
      }),
    headers: fieldNames('Headers that must be equal.').default(['content-type']),
    ignore: fieldNames('Fields of the body that may differ: body.generated_at, body.items[].id.'),
    tolerance: z
      .record(z.string(), z.number().min(0))
      .default({})
      .describe('Numbers of these fields may differ by so much.'),
    redact: fieldNames('Names of fields that are never shown, besides tokens, passwords and addresses.'),
    checkPercent: z
      .number()
      .min(0)
      .max(100)
      .default(10)
      .describe(
        "Percent of live answers whose content is checked by the module's rules; of fewer than 20 a second, all.",
      ),
  })
  .prefault({})
  .describe('How the answers of both sides are compared.');

const days = (fallback: number, description: string) =>
  z.number().min(0).max(3650).default(fallback).describe(`Days. ${description}`);

const retireSchema = z
  .strictObject({
    fullDays: days(14, 'At 100 % for so long.'),
    unusedDays: days(7, 'Nothing was served by the old side for so long.'),
    drilledDays: days(90, 'A rollback was drilled not longer ago.'),
    maxDifferingPercent: z
      .number()
      .min(0)
      .max(100)
      .default(0.1)
      .describe('Percent of compared answers that may differ, with 99 % confidence.'),
    directCalls: z
      .strictObject({
        path: path.default('/metrics').describe('Where the old upstream publishes it.'),
        counter: selector.meta({
          description: 'A Prometheus counter of those calls.',
          examples: ['calls_total{caller="direct"}'],
        }),
      })
      .transform((counter): DirectCallsCounter => counter)
      .optional()
      .describe('Where the old upstream counts the calls of this route that come past the edge.'),
  })
  .transform((terms): RetirementTerms => ({ ...terms, directCalls: terms.directCalls }))
  .prefault({})
  .describe('What must hold before the old code may go.');

const routeSchema = z
  .strictObject({
    name: name.meta({ description: 'Part of the hash: renaming a route moves its users.', examples: ['cart'] }),
    path: path.meta({ description: 'Exact and case-sensitive, without a query.', examples: ['/cart'] }),
    old: upstreamName('The upstream that users come from.'),
    new: upstreamName('The upstream that users move to; must differ from old.'),
    key: keySourceSchema
      .prefault({ claim: 'sub' })
      .describe('What decides the side of a user: a claim of the bearer token, a header or a cookie.'),
    initialWeight: weightPercentSchema
      .default(0)
      .transform(weightFromPercent)
      .describe("Percent, in steps of 0.01. The new side's share of users while the store has no state for the route."),
    deadlineMs: milliseconds(12_000, 'Up to the first byte, fallback included.'),
    objectiveMs: milliseconds(5000, 'A person who waits longer for a whole answer was served slowly.'),
    ramp: rampPlanSchema.optional().describe('The plan of ramps that are started without one of their own.'),
    mirror: mirrorSchema,
    compare: compareSchema,
    retire: retireSchema,
    fallbackBudgetPercent: z
      .int()
      .min(0)
      .max(100)
      .default(20)
      .describe(
        "Percent. Share of the last ten seconds' requests that may fall back because the new side is too busy.",
      ),
  })
  .describe('One migration: a path that moves from one upstream to another.');

export const routeFileSchema = z
  .strictObject({
    upstreams: z.record(name, upstreamSchema).describe('The servers behind the edge, by name.'),
    defaultUpstream: upstreamName('The upstream that serves everything that no route takes.'),
    routes: z.array(routeSchema).default([]).describe('The paths that move.'),
    internalPaths: z
      .array(path.meta({ examples: ['/metrics'] }))
      .default(['/metrics'])
      .describe('Paths that are never passed on: 404.'),
  })
  .superRefine(checkReferences, { when: () => true })
  .meta({ title: 'Route file of the edge proxy' });

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' && !search && !hash && !username && !password;
}
