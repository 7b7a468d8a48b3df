import { ADMIN_ROLES } from '@fit/contracts/auth';
import { z } from 'zod';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import type { RampPhase } from '../domain/ramp.ts';
import type { Phase } from '../domain/route-state.ts';
import { revision, weightPercentSchema } from '../domain/weight.ts';

/** What travels over `/admin/v1`, all that `edgectl` and the dashboard know of the edge. Refusals are `problemSchema` of the contracts. */

const PHASES = ['legacy', 'shadow', 'canary', 'full', 'retired'] as const satisfies readonly Phase[];

const reasonSchema = z
  .string('must be text that says why')
  .trim()
  .min(1, 'must say why')
  .max(500, 'must have at most 500 characters')
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

const revisionSchema = z.int().min(0);
const countSchema = z.int().min(0);
const sidesOf = <Each extends z.ZodType>(each: Each) => z.object({ old: each, new: each });

const sideHealthSchema = z
  .object({
    upstream: z.string(),
    state: z.enum(['healthy', 'probing', 'failing']).describe('failing: a breaker is open; probing: it is half open'),
    failing_on: countSchema.describe('edges on which it is not healthy'),
    in_flight: countSchema.describe('calls under way, of all edges'),
  })
  .meta({ id: 'SideHealth' });
export type SideHealth = z.infer<typeof sideHealthSchema>;

const sideTrafficSchema = z
  .object({
    requests: countSchema,
    failed: countSchema.describe('met an error: 5xx, or an answer that was cut'),
    saved: countSchema.describe('answered by the other side after this one had failed'),
    p50_ms: z.number().nullable().describe('null without requests'),
    p95_ms: z.number().nullable(),
    p99_ms: z.number().nullable(),
  })
  .meta({ id: 'SideTraffic' });
export type SideTraffic = z.infer<typeof sideTrafficSchema>;

/** What a route carried in the seconds before a moment, by assigned side, on all edges together. */
const trafficSchema = z
  .object({
    at: z.iso.datetime(),
    window_seconds: z.number(),
    weight: weightPercentSchema.describe('in force at that moment'),
    revision: revisionSchema,
    replicas: countSchema.describe('edges whose counts are in it'),
    sides: sidesOf(sideTrafficSchema),
    fallbacks: z.record(z.string(), countSchema).describe('saved requests by reason'),
    withheld: z.record(z.string(), countSchema).describe('requests that could not be saved, by why'),
  })
  .meta({ id: 'Traffic' });
export type Traffic = z.infer<typeof trafficSchema>;

export const RAMP_PHASES = [
  'running',
  'paused',
  'waiting',
  'frozen',
  'completed',
  'rolled-back',
  'cancelled',
] as const satisfies readonly RampPhase[];

/** The last ramp of a route. */
const rampViewSchema = z
  .object({
    plan: z.object({
      steps: z.string().describe('10 % for 10 m, 25 % for 1 h manual, 100 %'),
      on_fail: z.enum(['rollback', 'freeze']),
      minimum_users: z.int(),
    }),
    phase: z.enum(RAMP_PHASES),
    step: z.int().min(1).describe('the one in force, from 1'),
    steps: z.array(
      z.object({
        weight: weightPercentSchema,
        bake_seconds: z.number(),
        approve: z.enum(['auto', 'manual']),
      }),
    ),
    started_at_revision: revisionSchema,
    step_since: z.iso.datetime().describe('since when the weight is what it is'),
    baked: z.boolean().describe('the step has been in force for as long as it must at least'),
  })
  .meta({ id: 'Ramp' });
export type RampView = z.infer<typeof rampViewSchema>;

/** A route as it is in force on this edge. `changed_by`, `changed_at` and `reason` are null while nobody changed it. */
export const routeViewSchema = z
  .object({
    route: z.string(),
    path: z.string(),
    phase: z.enum(PHASES),
    weight: weightPercentSchema.describe("percent: the new side's share of users"),
    revision: revisionSchema,
    mirror_share: weightPercentSchema.describe(
      'percent of safe requests that is copied to the side that did not answer',
    ),
    retired: z.boolean().describe('at 100 %, and without a way back'),
    ramp: rampViewSchema.nullable().describe('the last one, under way or not'),
    changed_by: z.string().nullable(),
    changed_at: z.iso.datetime().nullable(),
    reason: z.string().nullable(),
    sides: sidesOf(z.string()).describe('upstreams'),
    stored: z
      .boolean()
      .describe('false: a rollback in force on this edge that the store, out of reach, has yet to get'),
    acknowledged: z
      .object({ serving: countSchema, replicas: countSchema })
      .describe('how many of the known edges serve this revision; one that is silent does not count'),
    observed: z
      .object({
        share: z.number().min(0).max(100).nullable().describe('percent of requests; null without requests'),
        requests: sidesOf(countSchema),
        window_seconds: z.number(),
      })
      .describe("the new side's share as all edges together saw it"),
    health: sidesOf(sideHealthSchema),
    sentence: z.string().describe('all of this in words'),
  })
  .meta({ id: 'Route' });
export type RouteView = z.infer<typeof routeViewSchema>;

/** GET /admin/v1/routes */
export const routeListSchema = z.object({ routes: z.array(routeViewSchema) }).meta({ id: 'RouteList' });

/**
 * GET /admin/v1/routing: all that another proxy needs to send every request where this edge would. `path` is exact and
 * case-sensitive, a header's name in lower case.
 */
export const routingSchema = z
  .object({
    upstreams: z.array(z.object({ name: z.string(), url: z.url() })),
    default_upstream: z.string().describe('serves what no route takes'),
    internal_paths: z.array(z.string()).describe('never passed on'),
    routes: z.array(
      z.object({
        route: z.string(),
        path: z.string(),
        weight: weightPercentSchema,
        revision: revisionSchema,
        initial_weight: weightPercentSchema.describe('of the configuration; counts only at revision 0'),
        retired: z.boolean().describe('without a way back: nothing may fall back to the old side'),
        sides: sidesOf(z.string()).describe('upstreams'),
        key: z.object({ from: z.enum(['claim', 'header', 'cookie']), name: z.string() }).describe('decides the side'),
      }),
    ),
  })
  .meta({ id: 'Routing' });
export type Routing = z.infer<typeof routingSchema>;

/** What a change answers: the route after it, and what it was before. */
export const changedRouteSchema = routeViewSchema
  .extend({ before: z.object({ revision: revisionSchema, weight: weightPercentSchema }) })
  .meta({ id: 'ChangedRoute' });
export type ChangedRoute = z.infer<typeof changedRouteSchema>;

/** PUT /admin/v1/routes/{route}/weight */
export const weightRequestSchema = z
  .strictObject({ weight: weightPercentSchema, reason: reasonSchema })
  .meta({ id: 'WeightRequest' });
export type WeightRequest = z.infer<typeof weightRequestSchema>;

/** POST /admin/v1/routes/{route}/rollback */
export const rollbackRequestSchema = z.strictObject({ reason: reasonSchema }).meta({ id: 'RollbackRequest' });
export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;

/** POST /admin/v1/routes/{route}/ramp; without a plan the one of the route file. */
export const rampRequestSchema = z
  .strictObject({ plan: rampPlanSchema.optional(), reason: reasonSchema })
  .meta({ id: 'RampRequest' });
export type RampRequest = z.input<typeof rampRequestSchema>;

/** POST /admin/v1/routes/{route}/pause, resume, promote, freeze, retire, unretire, drill */
export const reasonRequestSchema = z.strictObject({ reason: reasonSchema }).meta({ id: 'ReasonRequest' });
export type ReasonRequest = z.infer<typeof reasonRequestSchema>;

/** POST /admin/v1/routes/{route}/mirror */
export const mirrorRequestSchema = z
  .strictObject({ share: weightPercentSchema, reason: reasonSchema })
  .meta({ id: 'MirrorRequest' });
export type MirrorRequest = z.infer<typeof mirrorRequestSchema>;

const gateVerdictSchema = z
  .object({
    gate: z.string(),
    verdict: z.enum(['pass', 'fail', 'not-enough-data', 'not-applicable']),
    sentence: z.string(),
    numbers: z.record(z.string(), z.number()).describe('all from which it can be judged again'),
  })
  .meta({ id: 'GateVerdict' });
export type GateView = z.infer<typeof gateVerdictSchema>;

/** GET /admin/v1/routes/{route}/verdict: what people met since the weight is what it is, as all edges saw it. */
export const verdictSchema = z
  .object({
    route: z.string(),
    judged: z.boolean().describe('false: nothing is judged, as at weight 0; the rest is empty then'),
    at: z.iso.datetime().nullable(),
    weight: weightPercentSchema,
    epoch: revisionSchema.describe('the revision that brought the weight'),
    gates: z.array(gateVerdictSchema),
    decision: z
      .object({
        kind: z.enum(['hold', 'advance', 'wait', 'complete', 'roll-back', 'freeze']),
        sentence: z.string(),
      })
      .nullable()
      .describe('null: no ramp guards the route, so nothing follows from the verdict'),
    is_leading: z.boolean().describe('this edge carries decisions out'),
  })
  .meta({ id: 'Verdict' });
export type VerdictView = z.infer<typeof verdictSchema>;

/** GET /admin/v1/routes/{route}/parity */
export const paritySchema = z
  .object({
    route: z.string(),
    mirror_share: weightPercentSchema,
    since_revision: revisionSchema.describe('comparisons count from there'),
    compared: countSchema,
    differing: countSchema,
    skipped: z.record(z.string(), countSchema).describe('copies that were not compared, by why'),
    differing_at_most: z
      .number()
      .min(0)
      .max(100)
      .nullable()
      .describe('percent of answers, with 99 % confidence at any time; null before the first'),
    sentence: z.string(),
    fields: z.array(
      z.object({
        field: z.string(),
        pairs: countSchema,
        samples: z.array(
          z.object({
            at: z.iso.datetime(),
            request_id: z.string(),
            old: z.string().nullable(),
            new: z.string().nullable(),
          }),
        ),
      }),
    ),
    live: sidesOf(
      z.object({ checked: countSchema, broken: countSchema, rules: z.record(z.string(), countSchema) }),
    ).describe('answers to people whose content was checked'),
  })
  .meta({ id: 'Parity' });
export type ParityView = z.infer<typeof paritySchema>;

/** GET /admin/v1/routes/{route}/retirement: whether the old code may go. */
export const retirementSchema = z
  .object({
    route: z.string(),
    retired: z.boolean(),
    may_go: z.boolean().describe('every condition is met'),
    conditions: z.array(
      z.object({
        name: z.enum(['full', 'unused', 'parity', 'drilled']),
        met: z.boolean(),
        evidence: z.string(),
      }),
    ),
    last_served: z
      .object({
        weight: z.iso.datetime().nullable(),
        fallback: z.iso.datetime().nullable(),
        override: z.iso.datetime().nullable(),
        direct: z.iso.datetime().nullable(),
      })
      .describe('when the old side was last used, by why; null: never seen'),
  })
  .meta({ id: 'Retirement' });
export type RetirementView = z.infer<typeof retirementSchema>;

/** What POST /admin/v1/routes/{route}/drill answers. */
export const drillSchema = z
  .object({
    route: z.string(),
    rollback_ms: z.number().describe('from the order to weight 0 on every edge'),
    acknowledged: z.boolean().describe('false: not every edge had said so in time; rollback_ms is how long was waited'),
    replicas: countSchema,
    restored: z.boolean().describe('false: somebody else changed the route meanwhile; it stays as it is'),
    weight: weightPercentSchema.describe('in force now'),
    revision: revisionSchema,
  })
  .meta({ id: 'Drill' });
export type Drill = z.infer<typeof drillSchema>;

/** How the OpenAPI document shows what is parsed out of text. */
const shownAs = (type: 'integer' | 'number', bounds: { minimum: number; maximum: number; default?: number }) => ({
  override: ({ jsonSchema }: { jsonSchema: { pattern?: unknown } }) => {
    delete jsonSchema.pattern;
    Object.assign(jsonSchema, { type, ...bounds });
  },
});

/** A whole number in a query, from 0 to `max`. */
const wholeNumber = (max: number, fallback: number) =>
  z
    .string(`must be a whole number from 0 to ${max}`)
    .regex(/^\d{1,9}$/, `must be a whole number from 0 to ${max}`)
    .transform(Number)
    .refine((value) => value <= max, `must be a whole number from 0 to ${max}`)
    .default(fallback)
    .meta(shownAs('integer', { minimum: 0, maximum: max, default: fallback }));

/** `?wait_ms=`: how long a change waits until every edge serves it, before it is answered. */
export const waitQuerySchema = z.strictObject({ wait_ms: wholeNumber(30_000, 0) });

/** What a 412 adds to its problem. */
export const revisionConflictSchema = z.object({
  current_revision: revisionSchema,
  current_weight: weightPercentSchema,
});

/** `If-Match` with exactly one strong entity tag (RFC 9110, section 13.1.1); no list and no `*`, which would match blindly. */
const ifMatchSchema = z
  .string()
  .regex(/^"(0|[1-9]\d{0,14})"$/, 'must be one revision in double quotes, as ETag has it')
  .transform((tag) => revision(Number(tag.slice(1, -1))));

/** The header of a change that follows a revision. */
export const followingHeadersSchema = z.object({ 'If-Match': ifMatchSchema });

/** A revision as ETag and If-Match carry it. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}

/** A weight in a query: `12.5`. */
const weightText = z
  .string('must be a number from 0 to 100')
  .regex(/^\d{1,3}(\.\d{1,20})?$/, 'must be a number from 0 to 100')
  .transform(Number)
  .pipe(weightPercentSchema)
  .meta(shownAs('number', { minimum: 0, maximum: 100 }));

/** GET /admin/v1/routes/{route}/cohort?user=ID[&weight=PERCENT] */
export const cohortQuerySchema = z.strictObject({
  user: z
    .string('must be the key of a user')
    .min(1, 'must be the key of a user')
    .max(2048, 'must have at most 2048 characters'),
  weight: weightText.optional().describe('the weight to ask about; the one in force if absent'),
});

/** Which side a user is on. */
export const cohortSchema = z
  .object({
    route: z.string(),
    user: z.string(),
    key: z
      .object({ from: z.enum(['claim', 'header', 'cookie']), name: z.string() })
      .describe('where the key comes from'),
    weight: weightPercentSchema.describe('asked about'),
    side: z.enum(['old', 'new']),
    upstream: z.string().describe('of that side'),
    new_from: weightPercentSchema.describe('the lowest weight at which this user is on the new side'),
  })
  .meta({ id: 'Cohort' });
export type Cohort = z.infer<typeof cohortSchema>;

/** GET /admin/v1/routes/{route}/preview?weight=PERCENT */
export const previewQuerySchema = z.strictObject({ weight: weightText });

/** Whom a change would move; nothing changes. */
export const previewSchema = z
  .object({
    route: z.string(),
    revision: revisionSchema,
    before: weightPercentSchema,
    after: weightPercentSchema,
    to: z.enum(['old', 'new']).nullable().describe('the side that gains users; null if nobody moves'),
    share_moving: z.number().min(0).max(100).describe('percent of all users'),
    users_seen: countSchema.describe('people that this edge saw in the last hour, estimated'),
    users_moving: countSchema.describe('how many of those would change sides, estimated'),
  })
  .meta({ id: 'Preview' });
export type Preview = z.infer<typeof previewSchema>;

/** GET /admin/v1/routes/{route}/traffic: one sample a second of the last ten minutes, oldest first. */
export const trafficHistorySchema = z.object({ samples: z.array(trafficSchema) }).meta({ id: 'TrafficHistory' });

const NO_CURSOR = 'must be the `next` of a page';

/** GET /admin/v1/audit?[route=NAME][&limit=N][&before=CURSOR] */
export const auditQuerySchema = z.strictObject({
  route: z.string('must be the name of one route').optional(),
  limit: wholeNumber(500, 50).refine((limit) => limit > 0, 'must be at least 1'),
  before: z
    .string(NO_CURSOR)
    .max(41, { error: NO_CURSOR, abort: true })
    .regex(/^\d+(-\d+)?$/, NO_CURSOR)
    .optional()
    .describe('`next` of the page before'),
});

const auditEntrySchema = z
  .object({
    route: z.string(),
    revision: revisionSchema,
    actor: z.string(),
    at: z.iso.datetime(),
    reason: z.string(),
    before: z.object({ weight: weightPercentSchema }).nullable().describe('null where it is not known any more'),
    after: z.object({
      weight: weightPercentSchema,
      mirror_share: weightPercentSchema,
      retired: z.boolean(),
      ramp: z.object({ phase: z.enum(RAMP_PHASES), step: z.int().min(1) }).nullable(),
    }),
    verdicts: z.array(gateVerdictSchema).describe('what a decision of the edge itself rests on'),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** Newest first; `next` is null at the end. */
export const auditPageSchema = z
  .object({ entries: z.array(auditEntrySchema), next: z.string().nullable() })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof auditPageSchema>;

const replicaSchema = z
  .object({
    id: z.string(),
    incarnation: z.string().describe('of this start of the process'),
    is_self: z.boolean().describe('the edge that answers'),
    state: z.enum(['live', 'silent']).describe('silent: it did not report for more than three seconds'),
    seen_seconds_ago: z.number().min(0),
    started_at: z.iso.datetime(),
    revisions: z.record(z.string(), revisionSchema).describe('what it serves, by route'),
  })
  .meta({ id: 'Replica' });
export type Replica = z.infer<typeof replicaSchema>;

const storeSchema = z
  .object({
    kind: z.enum(['file', 'redis', 'memory']),
    state: z.enum(['up', 'down']),
    since: z.iso.datetime(),
  })
  .meta({ id: 'Store' });

/** GET /admin/v1/replicas */
export const replicaListSchema = z
  .object({ store: storeSchema, replicas: z.array(replicaSchema) })
  .meta({ id: 'ReplicaList' });
export type ReplicaList = z.infer<typeof replicaListSchema>;

/** An `event: state` of GET /admin/v1/events: once a second, and whenever something changes. */
export const stateEventSchema = z
  .object({
    at: z.iso.datetime(),
    ...replicaListSchema.shape,
    routes: z.array(routeViewSchema),
    traffic: z.record(z.string(), trafficSchema.nullable()).describe('the latest sample, by route'),
    verdicts: z.record(z.string(), verdictSchema).describe('by route'),
  })
  .meta({ id: 'StateEvent' });
export type StateEvent = z.infer<typeof stateEventSchema>;

/** GET /admin/v1/session: who asks. */
export const sessionSchema = z
  .object({
    actor: z.string(),
    roles: z.array(z.enum(ADMIN_ROLES)),
    may_change: z.boolean().describe('has a role that changes weights'),
    expires_at: z.iso.datetime().nullable().describe('null: the token does not expire'),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof sessionSchema>;

/** POST /admin/v1/login-codes: a code that stands for the caller's token, once, for a minute. */
export const loginCodeSchema = z
  .object({ code: z.string(), expires_in: z.int().positive().describe('seconds') })
  .meta({ id: 'LoginCode' });
export type LoginCode = z.infer<typeof loginCodeSchema>;

/** POST /admin/v1/logins, without a token */
export const loginRequestSchema = z
  .strictObject({
    code: z.string('must be a login code').min(1, 'must be a login code').max(100, 'must have at most 100 characters'),
  })
  .meta({ id: 'LoginRequest' });
export const loginSchema = z.object({ token: z.string() }).meta({ id: 'Login' });
