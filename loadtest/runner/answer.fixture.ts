import type { Answer } from '../src/answer-line.ts';

/** A quick, good answer of the old side. */
export const plainAnswer = (extra: Partial<Answer>): Answer => ({
  askedAt: 0,
  elapsedMs: 10,
  person: 0,
  status: 200,
  side: 'legacy',
  fallback: undefined,
  durationMs: 10,
  fault: undefined,
  ...extra,
});
