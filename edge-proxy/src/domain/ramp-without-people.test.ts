import { describe, expect, test } from '@jest/globals';
import { evidenceOf, periodOf, spread, unitsOf } from './any-evidence.ts';
import { decideRamp } from './decide-ramp.ts';
import type { CustomGrowth, Evidence } from './evidence.ts';
import type { Verdict } from './gate-verdict.ts';
import { judgeAgain } from './judge-again.ts';
import { BUILT_IN_GATES, rampPlanSchema } from './ramp-plan.ts';
import type { RampPlan } from './ramp.ts';
import { revision } from './weight.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const gates = { custom: [{ name: 'errors', upstream: 'coach', bad: 'bad_total', total: 'all_total' }] };
const ofPeople = rampPlanSchema.parse({ steps: '10 %, 100 %', gates });
const steps = '10 % for 10 m, 50 % manual, 100 %';
const alone = rampPlanSchema.parse({ steps, judgedBy: 'custom-gates', gates });

type Seen = { step?: number; afterMs?: number; evidence?: Evidence | undefined; checksContent?: boolean };

function decide(plan: RampPlan, { step = 0, afterMs = HOUR_MS, evidence, checksContent = false }: Seen) {
  return decideRamp({
    ramp: { plan, id: revision(1), step, phase: 'running' },
    weight: plan.steps[step]!.weight,
    epochSinceMs: 0,
    evidence,
    checksContent,
    now: afterMs,
  });
}

const counted = (errors: CustomGrowth | undefined) => evidenceOf({ custom: errors ? { errors } : {} });

/** Where another engine splits by the weights of the edge, no request passes an edge, and counters are all there is. */
describe('a ramp of which the edge sees nobody', () => {
  test.each<[string, CustomGrowth | undefined, string, string, Verdict]>([
    ['is rolled back by a counter of its own', { bad: 500, total: 1000 }, 'roll-back', 'gate errors', 'fail'],
    ['waits for people, however good the counter is', { bad: 0, total: 100_000 }, 'hold', 'waits for failed', 'pass'],
    ['waits without either', undefined, 'hold', 'waits for failed', 'not-enough-data'],
  ])('and that people judge %s', (_, errors, kind, said, verdict) => {
    const decision = decide(ofPeople, { evidence: counted(errors) });
    expect(decision).toMatchObject({ kind, sentence: expect.stringContaining(said) });
    expect(decision.verdicts.find(({ gate }) => gate === 'errors')?.verdict).toBe(verdict);
  });

  const good = { bad: 10, total: 1000, lastPeriod: 1 };
  test.each<[string, Seen & { errors?: CustomGrowth }, string, string]>([
    ['goes on by itself', { errors: good, afterMs: 10 * MINUTE_MS }, 'advance', 'on to 50 % manual'],
    ['bakes first', { errors: good, afterMs: 10 * MINUTE_MS - 1 }, 'hold', 'bakes for another 1 s'],
    ['waits for an operator', { errors: { ...good, lastPeriod: 7 }, step: 1 }, 'wait', 'has to promote it'],
    ['is complete after its last step', { errors: { ...good, lastPeriod: 6 }, step: 2 }, 'complete', 'stays guarded'],
    ['waits while nothing is counted', {}, 'hold', 'waits for errors; errors: 0 of 0 requests bad'],
    [
      'waits for so many requests',
      { errors: { ...good, bad: 0, total: 19 } },
      'hold',
      'at least 20 requests are needed',
    ],
    [
      'waits above the limit until it is proven',
      { errors: { bad: 15, total: 1000, lastPeriod: 7 } },
      'hold',
      'above the limit, not yet proven',
    ],
    [
      'waits where a counter fell silent',
      { errors: { ...good, lastPeriod: 5 } },
      'hold',
      'nothing was counted in the last two periods',
    ],
    [
      'waits where nobody says when a counter grew',
      { errors: { bad: 0, total: 1000 } },
      'hold',
      'nothing was counted in the last two periods',
    ],
    [
      'is rolled back at once',
      { errors: { bad: 50, total: 1000 }, afterMs: 1 },
      'roll-back',
      'gate errors: 50 of 1,000 requests bad (5 %), limit 1 %',
    ],
    [
      'waits for no content of answers',
      { errors: { ...good, lastPeriod: 7 }, checksContent: true },
      'advance',
      'on to',
    ],
  ])('and that counters judge alone %s', (_, { errors, ...seen }, kind, said) => {
    const decision = decide(alone, { ...seen, evidence: counted(errors) });
    expect(decision).toMatchObject({ kind, sentence: expect.stringContaining(said) });
    for (const verdict of decision.verdicts) {
      expect(judgeAgain(JSON.parse(JSON.stringify(verdict)))).toBe(verdict.verdict);
    }
  });
});

describe('where counters judge alone', () => {
  const users = spread(1000);
  const failing = evidenceOf({
    units: { old: unitsOf({ units: 900 }), new: unitsOf({ units: 100, failed: 100 }) },
    periods: [periodOf(1, { users, flawed: { failed: users.slice(0, 30) } })],
    misplaced: 3,
    custom: { errors: { bad: 0, total: 1000, lastPeriod: 1 } },
  });

  test('gates about people do not apply, and say why, whatever an edge saw', () => {
    const { kind, verdicts } = decide(alone, { evidence: failing, afterMs: 10 * MINUTE_MS });
    const said = 'not applicable: the plan is judged by its custom gates alone';
    expect(verdicts.filter(({ gate }) => gate !== 'errors')).toEqual(
      BUILT_IN_GATES.map((gate) =>
        expect.objectContaining({ gate, verdict: 'not-applicable', sentence: `${gate}: ${said}` }),
      ),
    );
    expect(kind).toBe('advance');
    expect(decide({ ...alone, judgedBy: 'people' }, { evidence: failing }).kind).toBe('roll-back');
  });

  test('numbers say so, and only there', () => {
    const numbersOf = (plan: RampPlan) =>
      decide(plan, { evidence: failing }).verdicts.flatMap(({ numbers }) => Object.keys(numbers));
    expect(numbersOf(alone).filter((name) => name === 'judgesPeople')).toHaveLength(BUILT_IN_GATES.length);
    const ofPeoples = numbersOf({ ...alone, judgedBy: 'people' });
    expect(ofPeoples.filter((name) => name === 'judgesPeople' || name === 'silentPeriods')).toEqual([]);
  });
});
