/** What a gate says: no data is never a pass. */
export const VERDICTS = ['pass', 'fail', 'not-enough-data', 'not-applicable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One gate's judgement, with all from which it can be judged again. */
export type GateVerdict = {
  /** One of the built-in gates, or the name of a custom one. */
  readonly gate: string;
  readonly verdict: Verdict;
  /** In words, numbers included. */
  readonly sentence: string;
  /** What it was computed from, and what came of it; units in the names. */
  readonly numbers: Readonly<Record<string, number>>;
};
