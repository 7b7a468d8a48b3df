import { z } from 'zod';
import { VERDICTS } from '../domain/gate-verdict.ts';
import type { GateVerdict } from '../domain/gate-verdict.ts';
import { JUDGED_BY, hasItsGates } from '../domain/ramp-plan.ts';
import { RAMP_PHASES } from '../domain/ramp.ts';
import type { CustomGate, Ramp, RampStep } from '../domain/ramp.ts';
import { revision } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';

/** How a ramp and the verdicts of a change are kept: as they are, with units in the names. */

export const weightSchema = z.int().min(0).max(10_000);
const percentSchema = z.number().min(0).max(100);

const stepSchema = z.object({
  weightHundredths: weightSchema,
  bakeMs: z.number().min(0),
  approve: z.enum(['auto', 'manual']),
});

const customGateSchema = z.object({
  name: z.string().min(1),
  upstream: z.string(),
  path: z.string(),
  bad: z.string().optional(),
  good: z.string().optional(),
  total: z.string(),
  maxPercent: percentSchema,
});

const planSchema = z
  .object({
    steps: z.array(stepSchema).min(1),
    onFail: z.enum(['rollback', 'freeze']),
    // Left out where it says what a plan of an older version means.
    judgedBy: z.enum(JUDGED_BY).optional(),
    minimumUsers: z.number().min(1),
    gates: z.object({
      failedPercent: percentSchema,
      slowPercent: percentSchema,
      invalidPercent: percentSchema,
      custom: z.array(customGateSchema),
    }),
  })
  .refine(hasItsGates, { error: 'needs a custom gate', path: ['judgedBy'] });

export const rampSchema = z
  .object({
    id: z.int().min(0),
    step: z.int().min(0),
    phase: z.enum(RAMP_PHASES),
    plan: planSchema,
  })
  .refine(({ step, plan }) => step < plan.steps.length, { error: 'must be a step of the plan', path: ['step'] });
export type KeptRamp = z.infer<typeof rampSchema>;

export const verdictSchema = z.object({
  gate: z.string().min(1),
  verdict: z.enum(VERDICTS),
  sentence: z.string(),
  numbers: z.record(z.string(), z.number()),
});

export function keptRamp({ id, step, phase, plan }: Ramp): KeptRamp {
  const { steps, onFail, judgedBy, minimumUsers, gates } = plan;
  const { custom, ...thresholds } = gates;
  const keptSteps = steps.map(({ weight, ...rest }) => ({ weightHundredths: weight, ...rest }));
  const keptGates = { ...thresholds, custom: custom.map((gate) => ({ ...gate })) };
  const judges = judgedBy === 'people' ? {} : { judgedBy };
  return { id, step, phase, plan: { steps: keptSteps, onFail, ...judges, minimumUsers, gates: keptGates } };
}

export function rampOf({ id, step, phase, plan }: KeptRamp): Ramp {
  const { gates, steps: keptSteps, onFail, judgedBy = 'people', minimumUsers } = plan;
  const steps = keptSteps.map(({ weightHundredths, ...rest }): RampStep => ({
    weight: weightHundredths as Weight,
    ...rest,
  }));
  const custom = gates.custom.map((gate): CustomGate => ({ ...gate, bad: gate.bad, good: gate.good }));
  return {
    id: revision(id),
    step,
    phase,
    plan: { steps, onFail, judgedBy, minimumUsers, gates: { ...gates, custom } },
  };
}

/** What is no number for JSON is left out: it would not be readable. */
export function keptVerdict({ gate, verdict, sentence, numbers }: GateVerdict): z.infer<typeof verdictSchema> {
  const finite = Object.entries(numbers).filter(([, value]) => Number.isFinite(value));
  return { gate, verdict, sentence, numbers: Object.fromEntries(finite) };
}
