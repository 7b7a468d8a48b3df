import { z } from 'zod';
import { parseSelector } from './counter-selector.ts';
import type { CustomGate, RampPlan, RampStep } from './ramp.ts';
import { weightFromPercent, weightPercentSchema, weightToPercent } from './weight.ts';

const MOST_STEPS = 20;
const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_BAKE_MS = 90 * UNITS_MS.d;

const STEP = /^(\d{1,3}(?:\.\d{1,20})?)\s*%?(?:\s+for\s+(\d{1,9}(?:\.\d{1,3})?)\s*(s|m|h|d))?(\s+manual)?$/;
const STEP_RULE =
  'must be steps such as "10 % for 10 m, 50 % manual, 100 %": percent up to 100 in steps of 0.01, times in s, m, h or d';

/**
 * `10 % for 10 m, 25 % for 1 h manual, 100 %`: weights in percent, how long each bakes at least (none: as soon as its gates
 * pass), and `manual` where an operator has to promote it.
 */
const stepsSchema = z
  .string(STEP_RULE)
  .max(1000, 'must have at most 1000 characters')
  .transform((text, context): RampStep[] => {
    const steps = text.split(',').map((part) => parseStep(part.trim()));
    const rule = steps.includes(undefined) ? STEP_RULE : brokenRule(steps as RampStep[]);
    if (rule !== undefined) context.addIssue({ code: 'custom', message: rule });
    return rule === undefined ? (steps as RampStep[]) : z.NEVER;
  });

const percent = (preset: number) =>
  z
    .number('must be a number from 0 to 100')
    .min(0, 'must be at least 0')
    .max(100, 'must be at most 100')
    .default(preset);

/** `NAME` or `NAME{label="value",…}` of a Prometheus counter. */
export const selector = z
  .string()
  .max(500, 'must have at most 500 characters')
  .refine(isSelector, 'must be a metric such as requests_total{code="500"}');

/** As `RampPlan.gates` calls its own gates. */
export const BUILT_IN_GATES = [
  'failed',
  'slow',
  'invalid',
  'failed-relative',
  'slow-relative',
  'rejected-relative',
  'invalid-relative',
  'share',
] as const;

const customGateSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be up to 41 lower-case letters, digits and dashes, a letter first')
      .refine(
        (name) => !(BUILT_IN_GATES as readonly string[]).includes(name),
        'must not be the name of a built-in gate',
      )
      .meta({ description: 'As verdicts call it.', examples: ['out-of-stock'] }),
    upstream: z.string().describe('Whose counters they are.'),
    path: z
      .string()
      .regex(/^\/[^?#\s]{0,200}$/, 'must start with / and have at most 201 characters, no query, fragment or space')
      .default('/metrics')
      .describe('Where it publishes them.'),
    bad: selector.optional().describe('Counts what went wrong; or give good.'),
    good: selector.optional().describe('Counts what went well; or give bad.'),
    total: selector.describe('Counts all.'),
    maxPercent: percent(1).describe('Percent of all that may be bad.'),
  })
  .refine(({ bad, good }) => (bad === undefined) !== (good === undefined), {
    error: 'must have exactly one of bad and good',
    path: ['bad'],
  })
  .transform((gate): CustomGate => ({ ...gate, bad: gate.bad, good: gate.good }));

const gatesSchema = z
  .strictObject({
    failedPercent: percent(1).describe('Percent of people that the new side may fail.'),
    slowPercent: percent(5).describe("Percent of people who may wait longer than the route's objectiveMs."),
    invalidPercent: percent(1).describe('Percent of people whose answers may break the rules of the comparator.'),
    custom: z
      .array(customGateSchema)
      .max(10, 'must have at most 10 gates')
      .refine((gates) => new Set(gates.map(({ name }) => name)).size === gates.length, 'must have different names')
      .default([])
      .describe('Gates of your own, from counters that an upstream publishes for Prometheus.'),
  })
  .prefault({})
  .describe('What fails a ramp. People are judged against the old side, too, which needs no setting.');

export const JUDGED_BY = ['people', 'custom-gates'] as const satisfies readonly RampPlan['judgedBy'][];

/** A plan as the route file and the admin API write it. */
export const rampPlanSchema = z
  .strictObject({
    steps: stepsSchema.describe('Weights, how long each bakes, and which an operator promotes.'),
    onFail: z
      .enum(['rollback', 'freeze'], 'must be rollback or freeze')
      .default('rollback')
      .describe('What a gate that fails leads to.'),
    judgedBy: z
      .enum(JUDGED_BY, `must be ${JUDGED_BY.join(' or ')}`)
      .default('people')
      .describe(
        'By whom. custom-gates: by these alone, of which there must be one; for where no request passes the edge.',
      ),
    minimumUsers: z
      .int('must be a whole number from 1 to 1000')
      .min(1, 'must be at least 1')
      .max(1000, 'must be at most 1000')
      .default(20)
      .describe(
        'People on the new side before a step may be left, and requests that each custom gate must have counted.',
      ),
    gates: gatesSchema,
  })
  .refine(hasItsGates, { error: 'needs at least one gate in gates.custom', path: ['judgedBy'] })
  .transform((plan): RampPlan => plan);
export type RampPlanInput = z.input<typeof rampPlanSchema>;

/** A plan as people write it. */
export function writtenPlan({ steps, gates, ...rest }: RampPlan): RampPlanInput {
  const custom = gates.custom.map(({ bad, good, ...gate }) => ({
    ...gate,
    ...(bad !== undefined && { bad }),
    ...(good !== undefined && { good }),
  }));
  return { steps: steps.map(writtenStep).join(', '), ...rest, gates: { ...gates, custom } };
}

/** Whether there is anything to judge by: a plan without would go on whatever happens. */
export function hasItsGates({ judgedBy, gates }: JudgedPlan): boolean {
  return judgedBy !== 'custom-gates' || gates.custom.length > 0;
}

type JudgedPlan = { judgedBy?: RampPlan['judgedBy'] | undefined; gates: { custom: readonly unknown[] } };

/** `25 % for 10 m manual` */
export function writtenStep({ weight, bakeMs, approve }: RampStep): string {
  const bake = bakeMs > 0 ? ` for ${writtenDuration(bakeMs)}` : '';
  return `${weightToPercent(weight)} %${bake}${approve === 'manual' ? ' manual' : ''}`;
}

/** In the largest unit that gives a whole number, else in seconds. */
export function writtenDuration(ms: number): string {
  const unit = (['d', 'h', 'm'] as const).find((each) => ms >= UNITS_MS[each] && ms % UNITS_MS[each] === 0) ?? 's';
  return `${ms / UNITS_MS[unit]} ${unit}`;
}

function parseStep(text: string): RampStep | undefined {
  const [, percentText, amount, unit, manual] = STEP.exec(text) ?? [];
  const weight = weightPercentSchema.safeParse(Number(percentText));
  if (percentText === undefined || !weight.success) return undefined;
  const bakeMs = amount === undefined ? 0 : Math.round(Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS]);
  return { weight: weightFromPercent(weight.data), bakeMs, approve: manual === undefined ? 'auto' : 'manual' };
}

function brokenRule(steps: readonly RampStep[]): string | undefined {
  if (steps.length > MOST_STEPS) return `must have at most ${MOST_STEPS} steps`;
  if (steps[0]!.weight === 0) return 'must begin above 0 %';
  if (steps.some(({ weight }, at) => at > 0 && weight <= steps[at - 1]!.weight)) return 'must have weights that ascend';
  if (steps.some(({ bakeMs }) => bakeMs > LONGEST_BAKE_MS)) return 'must bake for at most 90 d each';
  return undefined;
}

function isSelector(text: string): boolean {
  try {
    parseSelector(text);
    return true;
  } catch {
    return false;
  }
}
