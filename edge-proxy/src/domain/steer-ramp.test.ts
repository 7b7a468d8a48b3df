import { describe, expect, test } from '@jest/globals';
import type { RampDecision } from './ramp-decision.ts';
import type { RampPhase, RampPlan } from './ramp.ts';
import { initialState } from './route-state.ts';
import type { RouteState } from './route-state.ts';
import { carryOut, isRefused, retire, startRamp, steerRamp } from './steer-ramp.ts';
import type { RampOrder, Transition } from './steer-ramp.ts';
import { EVERYBODY, NOBODY, revision, weightFromPercent } from './weight.ts';

const at = new Date('2026-03-01T03:00:00Z');
const later = new Date('2026-03-01T04:00:00Z');
const author = { changedBy: 'ops', reason: 'why' };
const percent = weightFromPercent;

const plan: RampPlan = {
  steps: [10, 50, 100].map((weight) => ({ weight: percent(weight), bakeMs: 0, approve: 'auto' })),
  onFail: 'rollback',
  judgedBy: 'people',
  minimumUsers: 20,
  gates: { failedPercent: 1, slowPercent: 5, invalidPercent: 1, custom: [] },
};

const atPercent = (weight: number): RouteState => initialState('wod', percent(weight), at);

/** At the first step of the plan. */
function ramping(phase: RampPhase = 'running', step = 0): RouteState {
  const started = made(startRamp(atPercent(0), plan, author, at));
  return { ...started, weight: plan.steps[step]!.weight, ramp: { ...started.ramp!, step, phase } };
}

function made(transition: Transition): RouteState {
  if (isRefused(transition)) throw new Error(transition.refused);
  return transition;
}

describe('a ramp starts', () => {
  test.each([
    [0, 0, 10],
    [10, 0, 10],
    [10.01, 1, 50],
    [50, 1, 50],
    [99.99, 2, 100],
    [100, 2, 100],
  ])('from %d %% at step %d, %d %%, in an epoch of its own', (before, step, weight) => {
    const after = startRamp(atPercent(before), plan, author, later);
    expect(after).toMatchObject({ revision: 1, weight: weight * 100, ramp: { id: 1, step, phase: 'running' } });
    expect(made(after).epoch).toEqual({ revision: 1, since: later.toISOString() });
  });

  test('not above its last step, not on a retired route, not while another is under way', () => {
    const low = { ...plan, steps: plan.steps.slice(0, 1) };
    expect(startRamp(atPercent(20), low, author, at)).toEqual({
      refused: 'Route wod is at 20 % already: no step of the plan is that high',
    });
    expect(startRamp({ ...atPercent(100), retired: true }, plan, author, at)).toEqual({
      refused: 'Route wod is retired: unretire it first',
    });
    for (const phase of ['running', 'paused', 'waiting', 'frozen'] as const) {
      const refused = `A ramp of wod is under way (${phase}): roll it back, or set a weight, first`;
      expect(startRamp(ramping(phase), plan, author, at)).toEqual({ refused });
    }
    for (const phase of ['completed', 'rolled-back', 'cancelled'] as const) {
      expect(startRamp(ramping(phase), plan, author, at)).toMatchObject({ ramp: { phase: 'running' } });
    }
  });
});

describe('an order', () => {
  test.each<[RampOrder, RampPhase, RampPhase | undefined]>([
    ['pause', 'running', 'paused'],
    ['pause', 'waiting', 'paused'],
    ['pause', 'paused', undefined],
    ['pause', 'frozen', undefined],
    ['resume', 'paused', 'running'],
    ['resume', 'frozen', 'running'],
    ['resume', 'running', undefined],
    ['resume', 'waiting', undefined],
    ['promote', 'running', 'running'],
    ['promote', 'waiting', 'running'],
    ['promote', 'paused', 'running'],
    ['promote', 'frozen', undefined],
    ['freeze', 'running', 'frozen'],
    ['freeze', 'waiting', 'frozen'],
    ['freeze', 'paused', 'frozen'],
    ['freeze', 'completed', 'frozen'],
    ['freeze', 'frozen', undefined],
    ['pause', 'completed', undefined],
    ['promote', 'rolled-back', undefined],
    ['resume', 'cancelled', undefined],
  ])('to %s a ramp that is %s makes it %s', (order, before, after) => {
    const transition = steerRamp(ramping(before), order, author, later);
    expect(isRefused(transition) ? undefined : transition.ramp?.phase).toBe(after);
  });

  test('to promote goes to the next step, and from the last one to the end', () => {
    expect(steerRamp(ramping(), 'promote', author, later)).toMatchObject({ weight: 5000, ramp: { step: 1 } });
    const done = steerRamp(ramping('running', 2), 'promote', author, later);
    expect(done).toMatchObject({ weight: 10_000, ramp: { step: 2, phase: 'completed' } });
  });

  test('to go on after a freeze begins an epoch; after a pause it goes on in the old one', () => {
    expect(steerRamp(ramping('frozen'), 'resume', author, later)).toMatchObject({ epoch: { revision: 2 } });
    expect(steerRamp(ramping('paused'), 'resume', author, later)).toMatchObject({ epoch: { revision: 1 } });
  });

  test('is refused without a ramp, in words', () => {
    expect(steerRamp(atPercent(10), 'pause', author, at)).toEqual({ refused: 'No ramp of wod is under way' });
    expect(steerRamp(ramping('rolled-back'), 'pause', author, at)).toEqual({
      refused: 'No ramp of wod is under way: the last one is rolled-back',
    });
  });
});

describe('a decision', () => {
  const verdicts = [{ gate: 'failed', verdict: 'fail', sentence: 'too many', numbers: { failed: 9 } }] as const;
  const carried = (kind: RampDecision['kind'], state: RouteState) =>
    carryOut(state, { kind, sentence: 'so it is', verdicts }, author, later);

  test.each<[RampDecision['kind'], number, RampPhase, number]>([
    ['advance', 5000, 'running', 1],
    ['wait', 1000, 'waiting', 0],
    ['freeze', 1000, 'frozen', 0],
    ['roll-back', 0, 'rolled-back', 0],
  ])('to %s leaves weight %d, the ramp %s at step %d, and what it rests on', (kind, weight, phase, step) => {
    expect(carried(kind, ramping())).toMatchObject({ weight, ramp: { phase, step }, verdicts, reason: 'why' });
  });

  test('to complete ends the ramp where it is', () => {
    expect(carried('complete', ramping('running', 2))).toMatchObject({ weight: 10_000, ramp: { phase: 'completed' } });
  });

  test('to hold, or about no ramp, is no change', () => {
    expect(isRefused(carried('hold', ramping()))).toBe(true);
    expect(isRefused(carried('roll-back', atPercent(10)))).toBe(true);
  });
});

describe('a route is retired', () => {
  test('at 100 % alone, without mirroring, and given its way back again', () => {
    const full = { ...atPercent(100), mirrorShare: percent(5), revision: revision(4) };
    const retired = made(retire(full, true, author, at));
    expect(retired).toMatchObject({ weight: EVERYBODY, retired: true, mirrorShare: NOBODY, epoch: full.epoch });
    const again = retire(retired, false, author, later);
    expect(again).toMatchObject({ weight: EVERYBODY, retired: false, epoch: { since: later.toISOString() } });
  });

  test.each([
    [{ ...atPercent(99.99) }, true, 'Route wod is at 99.99 %: only a route at 100 % can be retired'],
    [{ ...atPercent(100), retired: true }, true, 'Route wod is retired already'],
    [{ ...atPercent(100) }, false, 'Route wod is not retired'],
    [ramping('running', 2), true, 'A ramp of wod is under way'],
  ])('not otherwise', (state, retired, refused) => {
    expect(retire(state, retired, author, at)).toEqual({ refused });
  });
});
