import { describe, expect, test } from '@jest/globals';
import { evidenceOf } from './any-evidence.ts';
import { decideRamp } from './decide-ramp.ts';
import { rampPlanSchema } from './ramp-plan.ts';
import { revision } from './weight.ts';

const plan = rampPlanSchema.parse({
  steps: '10 %, 100 %',
  gates: { custom: [{ name: 'errors', upstream: 'coach', bad: 'bad_total', total: 'all_total' }] },
});

/** Where another engine splits by the weights of the edge, no request passes an edge, and counters are all there is. */
describe('a ramp of which the edge sees nobody', () => {
  test.each([
    ['is rolled back by a counter of its own', { bad: 500, total: 1000 }, 'roll-back', 'gate errors'],
    [
      'waits for the gates of people, however good the counter is',
      { bad: 0, total: 100_000 },
      'hold',
      'waits for failed',
    ],
    ['waits without either', undefined, 'hold', 'waits for failed'],
  ])('%s', (_, errors, kind, said) => {
    const decision = decideRamp({
      ramp: { plan, id: revision(1), step: 0, phase: 'running' },
      weight: plan.steps[0]!.weight,
      epochSinceMs: 0,
      evidence: evidenceOf({ custom: errors ? { errors } : {} }),
      checksContent: false,
      now: 3_600_000,
    });
    expect(decision.kind).toBe(kind);
    expect(decision.sentence).toContain(said);
    const ofErrors = decision.verdicts.find(({ gate }) => gate === 'errors')!;
    const expected = { 'roll-back': 'fail', hold: errors ? 'pass' : 'not-enough-data' };
    expect(ofErrors.verdict).toBe(expected[kind as keyof typeof expected]);
  });
});
