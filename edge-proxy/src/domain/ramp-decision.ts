import type { GateVerdict } from './gate-verdict.ts';

/** What is to be done with a ramp now. All but `hold` are changes of the route; `sentence` says why, with its numbers. */
export type RampDecision = {
  readonly kind: 'hold' | 'advance' | 'wait' | 'complete' | 'roll-back' | 'freeze';
  readonly sentence: string;
  readonly verdicts: readonly GateVerdict[];
};
