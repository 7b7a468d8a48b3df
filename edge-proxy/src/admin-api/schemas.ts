import { ADMIN_ROLES } from '@fit/contracts/auth';
import { z } from 'zod';
import { RAMP_PHASES } from '../domain/ramp.ts';
import { PHASES } from '../domain/route-state.ts';
import { revision, weightPercentSchema } from '../domain/weight.ts';
import { gateVerdictSchema, rampViewSchema, verdictSchema } from './migration-schemas.ts';
import { countSchema, reasonSchema, revisionSchema, sidesOf } from './schema-parts.ts';

/** What travels over `/admin/v1`, all that `edgectl` and the dashboard know of the edge. Refusals are `problemSchema` of the contracts. */

export * from './migration-schemas.ts';

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
