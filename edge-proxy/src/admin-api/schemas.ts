import { z } from 'zod';
import type { Phase } from '../domain/route-state.ts';
import { revision, weightPercentSchema } from '../domain/weight.ts';

/** What travels over `/admin/v1`, all that `edgectl` knows of the edge. Refusals are `problemSchema` of the contracts. */

const PHASES = ['legacy', 'canary', 'full'] as const satisfies readonly Phase[];

const reasonSchema = z
  .string('must be text that says why')
  .trim()
  .min(1, 'must say why')
  .max(500, 'must have at most 500 characters')
  .regex(/^\P{Cc}*$/u, 'must be one line without control characters');

const revisionSchema = z.int().min(0);

/** A route as it is in force on this edge. `changed_by`, `changed_at` and `reason` are null while nobody changed it. */
export const routeViewSchema = z.object({
  route: z.string(),
  path: z.string(),
  phase: z.enum(PHASES),
  weight: weightPercentSchema.describe("percent: the new side's share of users"),
  revision: revisionSchema,
  changed_by: z.string().nullable(),
  changed_at: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  sides: z.object({ old: z.string(), new: z.string() }).describe('upstreams'),
});
export type RouteView = z.infer<typeof routeViewSchema>;

/** GET /admin/v1/routes */
export const routeListSchema = z.object({ routes: z.array(routeViewSchema) });

/**
 * GET /admin/v1/routing: all that another proxy needs to send every request where this edge would. `path` is exact and
 * case-sensitive, a header's name in lower case.
 */
export const routingSchema = z.object({
  upstreams: z.array(z.object({ name: z.string(), url: z.url() })),
  default_upstream: z.string().describe('serves what no route takes'),
  internal_paths: z.array(z.string()).describe('never passed on'),
  routes: z.array(
    routeViewSchema.extend({
      key: z.object({ from: z.enum(['claim', 'header', 'cookie']), name: z.string() }).describe('decides the side'),
    }),
  ),
});
export type Routing = z.infer<typeof routingSchema>;

/** What a change answers: the route after it, and what it was before. */
export const changedRouteSchema = routeViewSchema.extend({
  before: z.object({ revision: revisionSchema, weight: weightPercentSchema }),
});
export type ChangedRoute = z.infer<typeof changedRouteSchema>;

/** PUT /admin/v1/routes/{route}/weight */
export const weightRequestSchema = z.strictObject({ weight: weightPercentSchema, reason: reasonSchema });
export type WeightRequest = z.infer<typeof weightRequestSchema>;

/** POST /admin/v1/routes/{route}/rollback */
export const rollbackRequestSchema = z.strictObject({ reason: reasonSchema });
export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;

/** What a 412 adds to its problem. */
export const revisionConflictSchema = z.object({
  current_revision: revisionSchema,
  current_weight: weightPercentSchema,
});

/** `If-Match` with exactly one strong entity tag (RFC 9110, section 13.1.1); no list and no `*`, which would match blindly. */
export const ifMatchSchema = z
  .string()
  .regex(/^"(0|[1-9]\d{0,14})"$/, 'must be one revision in double quotes, as ETag has it')
  .transform((tag) => revision(Number(tag.slice(1, -1))));

/** A revision as ETag and If-Match carry it. */
export function entityTag(revision: number): string {
  return `"${revision}"`;
}
