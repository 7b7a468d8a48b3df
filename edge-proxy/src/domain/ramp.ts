import type { Revision, Weight } from './weight.ts';

/** One weight of a plan, and what it takes to leave it. */
export type RampStep = {
  readonly weight: Weight;
  /** At least so long, from when the weight came; 0: as soon as every gate passes. */
  readonly bakeMs: number;
  /** `manual`: an operator promotes it, once its gates pass. */
  readonly approve: 'auto' | 'manual';
};

/** A pair of Prometheus counters that an upstream publishes; requests, not people, are counted there. */
export type CustomGate = {
  /** Unlike any built-in gate. */
  readonly name: string;
  /** Name of the upstream that publishes them, and where. */
  readonly upstream: string;
  readonly path: string;
  /** `NAME` or `NAME{label="value",…}`; exactly one of `bad` and `good`. */
  readonly bad: string | undefined;
  readonly good: string | undefined;
  readonly total: string;
  /** 0–100: more than this share of `total` is bad. */
  readonly maxPercent: number;
};

/** Thresholds of the absolute gates, in percent of users; the relative ones have none. */
export type GateSettings = {
  readonly failedPercent: number;
  readonly slowPercent: number;
  /** Whose answers broke the rules of the route's comparator. */
  readonly invalidPercent: number;
  readonly custom: readonly CustomGate[];
};

/** How a route is to be moved. */
export type RampPlan = {
  /** 1 to 20, weights ascending from above 0. */
  readonly steps: readonly RampStep[];
  readonly onFail: 'rollback' | 'freeze';
  /**
   * `people`: by what the edges see of them, and by custom gates if there are any. `custom-gates`: by these alone, of which there
   * is at least one; for where no request passes an edge.
   */
  readonly judgedBy: 'people' | 'custom-gates';
  /** On the new side, in a step, before it may be left; of each custom gate, so many requests. At least 1. */
  readonly minimumUsers: number;
  readonly gates: GateSettings;
};

export const RAMP_PHASES = [
  /** Goes on by itself. */
  'running',
  /** Stays at its step until `resume`; still judged. */
  'paused',
  /** Everything passes, and an operator has to promote it; still judged. */
  'waiting',
  /** Stays where it is and is not judged: an operator decides. */
  'frozen',
  /** Its last step passed; still judged, until somebody changes the weight. */
  'completed',
  'rolled-back',
  /** An operator set a weight of his own. */
  'cancelled',
] as const;
export type RampPhase = (typeof RAMP_PHASES)[number];

/** A plan as it is carried out. */
export type Ramp = {
  readonly plan: RampPlan;
  /** The revision that started it. */
  readonly id: Revision;
  /** Index into the plan's steps: the one in force. */
  readonly step: number;
  readonly phase: RampPhase;
};

/** Whether its verdicts still lead to something. */
export function isGuarding({ phase }: Ramp): boolean {
  return phase === 'running' || phase === 'paused' || phase === 'waiting' || phase === 'completed';
}

/** Whether it may yet go on to its next step. */
export function isUnderWay({ phase }: Ramp): boolean {
  return phase === 'running' || phase === 'paused' || phase === 'waiting' || phase === 'frozen';
}
