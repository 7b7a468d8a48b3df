import { z } from 'zod';
import { VERDICTS } from '../domain/gate-verdict.ts';
import { JUDGED_BY, rampPlanSchema } from '../domain/ramp-plan.ts';
import { RAMP_PHASES } from '../domain/ramp.ts';
import { weightPercentSchema } from '../domain/weight.ts';
import { countSchema, reasonSchema, revisionSchema, sidesOf } from './schema-parts.ts';

/** What travels over `/admin/v1` about a migration beyond single weights: ramps, verdicts, parity, and the end of the old side. */

/** The last ramp of a route. */
export const rampViewSchema = z
  .object({
    plan: z.object({
      steps: z.string().describe('10 % for 10 m, 25 % for 1 h manual, 100 %'),
      on_fail: z.enum(['rollback', 'freeze']),
      judged_by: z.enum(JUDGED_BY).describe('custom-gates: by these alone'),
      minimum_users: z.int().describe('people; requests of each custom gate'),
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

/** What one gate says, and why. */
export const gateVerdictSchema = z
  .object({
    gate: z.string(),
    verdict: z.enum(VERDICTS),
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
