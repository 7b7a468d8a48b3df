import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyEvidence, anyRamp, evidenceOf, periodOf, spread, unitsOf } from './any-evidence.ts';
import { LONGEST_SENTENCE, decideRamp } from './decide-ramp.ts';
import type { RampLook } from './decide-ramp.ts';
import { isGuarding } from './ramp.ts';
import type { Ramp, RampPhase } from './ramp.ts';
import { rampPlanSchema } from './ramp-plan.ts';
import { revision } from './weight.ts';

const MINUTE = 60_000;
const plan = rampPlanSchema.parse({ steps: '10 % for 5 m, 50 % manual, 100 %' });
const users = spread(1000);
const well = evidenceOf({
  units: { old: unitsOf({ units: 900 }), new: unitsOf({ units: 500 }) },
  periods: [periodOf(1, { users })],
});
const bad = { ...well, periods: [periodOf(1, { users, flawed: { failed: users.slice(0, 30) } })] };

function look(over: Partial<RampLook> & { step?: number; phase?: RampPhase } = {}): RampLook {
  const { step = 0, phase = 'running', ...rest } = over;
  const ramp: Ramp = { plan, id: revision(1), step, phase };
  return {
    ramp,
    weight: plan.steps[step]!.weight,
    epochSinceMs: 0,
    evidence: well,
    checksContent: false,
    now: 5 * MINUTE,
    ...rest,
  };
}

describe('decideRamp', () => {
  test.each([
    ['goes on once it has baked', look(), 'advance', '10 %, step 1 of 3: every gate passes; on to 50 % manual'],
    ['bakes first', look({ now: 5 * MINUTE - 1 }), 'hold', '10 %, step 1 of 3: bakes for another 1 s'],
    ['waits for an operator', look({ step: 1 }), 'wait', '50 %, step 2 of 3: every gate passes; an operator has to'],
    [
      'is complete after its last step',
      look({ step: 2 }),
      'complete',
      '100 %, step 3 of 3: every gate passes; the plan',
    ],
    [
      'holds while no content was looked at',
      look({ checksContent: true }),
      'hold',
      'waits for invalid, invalid-relative',
    ],
    ['holds without data', look({ evidence: undefined }), 'hold', 'waits for failed, slow, failed-relative, slow-rel'],
    ['holds while paused', look({ phase: 'paused' }), 'hold', 'paused; every gate passes'],
    ['holds while it waits', look({ phase: 'waiting' }), 'hold', 'waiting; every gate passes'],
    [
      'is not judged while frozen',
      look({ phase: 'frozen', evidence: bad }),
      'hold',
      'frozen: nothing follows from what gates say',
    ],
    [
      'is not judged once cancelled',
      look({ phase: 'cancelled', evidence: bad }),
      'hold',
      'cancelled: nothing follows from what gates say',
    ],
    [
      'holds for a mis-split, and says so',
      look({ evidence: { ...well, misplaced: 2 } }),
      'hold',
      'waits for share; share: mis-split: 2 requests were answered',
    ],
  ])('%s', (_what, input, kind, sentence) => {
    expect(decideRamp(input)).toMatchObject({ kind, sentence: expect.stringContaining(sentence) });
  });

  test.each(['running', 'paused', 'waiting', 'completed'] as const)(
    'a gate that fails rolls back a ramp that is %s',
    (phase) => {
      expect(decideRamp(look({ phase, evidence: bad, now: 1 }))).toMatchObject({
        kind: 'roll-back',
        sentence: expect.stringMatching(
          /^10 %, step 1 of 3: gate failed-relative: of 30 people who were failed in period 1, 30/,
        ),
      });
      const ramp: Ramp = { plan: { ...plan, onFail: 'freeze' }, id: revision(1), step: 0, phase };
      expect(decideRamp(look({ ramp, evidence: bad })).kind).toBe('freeze');
    },
  );
});

describe('whatever was seen', () => {
  const any = fc
    .record({
      ramp: anyRamp,
      evidence: fc.option(anyEvidence, { nil: undefined }),
      checksContent: fc.boolean(),
      now: fc.nat(3e6),
    })
    .map(({ ramp, ...rest }): RampLook => ({
      ramp,
      ...rest,
      weight: ramp.plan.steps[ramp.step]!.weight,
      epochSinceMs: 0,
    }));

  test('only a gate other than share that fails leads back, and it always does while the ramp is judged', () => {
    fc.assert(
      fc.property(any, (input) => {
        const { kind, verdicts } = decideRamp(input);
        const isFailing = verdicts.some(({ gate, verdict }) => gate !== 'share' && verdict === 'fail');
        const back = input.ramp.plan.onFail === 'freeze' ? 'freeze' : 'roll-back';
        expect(kind === back).toBe(isFailing && isGuarding(input.ramp));
        if (kind !== back) expect(['hold', 'advance', 'wait', 'complete']).toContain(kind);
      }),
      { numRuns: 200 },
    );
  });

  test('it moves on only while running, baked, and with every gate passed or not applicable', () => {
    fc.assert(
      fc.property(any, (input) => {
        const { kind, verdicts } = decideRamp(input);
        const { ramp, now } = input;
        const step = ramp.plan.steps[ramp.step]!;
        const mayMove =
          ramp.phase === 'running' &&
          now >= step.bakeMs &&
          verdicts.every(({ verdict }) => verdict === 'pass' || verdict === 'not-applicable');
        const last = ramp.step === ramp.plan.steps.length - 1;
        const onwards = step.approve === 'manual' ? 'wait' : last ? 'complete' : 'advance';
        expect(['advance', 'complete', 'wait'].includes(kind)).toBe(mayMove);
        if (mayMove) expect(kind).toBe(onwards);
      }),
      { numRuns: 200 },
    );
  });

  test('no data never moves a ramp', () => {
    fc.assert(fc.property(any, (input) => expect(decideRamp({ ...input, evidence: undefined }).kind).toBe('hold')));
  });

  test('baking only ever ends: what would go on now goes on later, too', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), (one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)].map((minute) =>
          decideRamp(look({ now: minute * MINUTE })),
        );
        if (early!.kind === 'advance') expect(late!.kind).toBe('advance');
      }),
    );
  });

  test('its sentence is short enough for an audit entry, and the same question gets the same answer', () => {
    fc.assert(
      fc.property(any, (input) => {
        const decision = decideRamp(input);
        expect(decision.sentence.length).toBeLessThanOrEqual(LONGEST_SENTENCE);
        expect(decideRamp(input)).toEqual(decision);
      }),
    );
  });
});
