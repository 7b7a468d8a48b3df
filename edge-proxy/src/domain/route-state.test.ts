import { expect, test } from '@jest/globals';
import type { Ramp, RampPhase } from './ramp.ts';
import { initialState, nextState, phaseOf, rolledBack, wasChanged, weighted } from './route-state.ts';
import { EVERYBODY, NOBODY, revision, weightFromPercent } from './weight.ts';

const at = new Date('2026-03-01T03:00:00Z');
const later = new Date('2026-03-01T04:00:00Z');
const author = { changedBy: 'ops', reason: 'first step' };
const percent = weightFromPercent;

const rampIn = (phase: RampPhase): Ramp => ({
  plan: {
    steps: [{ weight: percent(10), bakeMs: 0, approve: 'auto' }],
    onFail: 'rollback',
    judgedBy: 'people',
    minimumUsers: 20,
    gates: { failedPercent: 1, slowPercent: 5, invalidPercent: 1, custom: [] },
  },
  id: revision(1),
  step: 0,
  phase,
});

test.each([
  [0, 0, false, 'legacy'],
  [0, 1, false, 'shadow'],
  [0.01, 0, false, 'canary'],
  [50, 50, false, 'canary'],
  [99.99, 0, false, 'canary'],
  [100, 0, false, 'full'],
  [100, 0, true, 'retired'],
])('at %d %%, %d %% mirrored, retired %s the phase is %s', (weight, mirrorShare, retired, phase) => {
  expect(phaseOf({ weight: percent(weight), mirrorShare: percent(mirrorShare), retired })).toBe(phase);
});

test('a route begins unchanged, at revision 0 and the configured weight', () => {
  const state = initialState('wod', percent(10), at);
  expect(state).toMatchObject({ route: 'wod', revision: 0, weight: 1000, changedBy: 'configuration', retired: false });
  expect(wasChanged(state)).toBe(false);
});

test('a change counts the revision up by one and leaves the state before it as it was', () => {
  const before = Object.freeze(initialState('wod', NOBODY, at));
  const after = nextState(before, { weight: percent(25) }, author, later);
  expect(after).toEqual({
    ...before,
    revision: 1,
    weight: 2500,
    weightBefore: 0,
    epoch: { revision: 1, since: later.toISOString() },
    changedBy: 'ops',
    changedAt: later.toISOString(),
    reason: 'first step',
  });
  expect(wasChanged(after)).toBe(true);
});

test('what changes no weight goes on in its epoch, unless it is told to begin one', () => {
  const before = nextState(initialState('wod', NOBODY, at), { weight: percent(25) }, author, at);
  expect(nextState(before, { mirrorShare: percent(10) }, author, later).epoch).toEqual(before.epoch);
  expect(nextState(before, { weight: before.weight }, author, later).epoch).toEqual(before.epoch);
  expect(nextState(before, { beginsEpoch: true }, author, later).epoch.revision).toBe(2);
});

test('what was compared counts from when mirroring began, and outlives its end', () => {
  const none = initialState('wod', NOBODY, at);
  const off = nextState(none, { mirrorShare: NOBODY }, author, at);
  const on = nextState(off, { mirrorShare: percent(1) }, author, at);
  const more = nextState(on, { mirrorShare: percent(20) }, author, at);
  const ended = nextState(more, { mirrorShare: NOBODY }, author, at);
  const again = nextState(ended, { mirrorShare: percent(20) }, author, at);
  expect([off, on, more, ended, again].map(({ mirrorEpoch }) => mirrorEpoch)).toEqual([0, 2, 2, 2, 5]);
});

test.each<[RampPhase, RampPhase, RampPhase]>([
  ['running', 'cancelled', 'rolled-back'],
  ['paused', 'cancelled', 'rolled-back'],
  ['waiting', 'cancelled', 'rolled-back'],
  ['frozen', 'cancelled', 'rolled-back'],
  ['completed', 'cancelled', 'rolled-back'],
  ['cancelled', 'cancelled', 'cancelled'],
  ['rolled-back', 'rolled-back', 'rolled-back'],
])("of a ramp that is %s an operator's weight makes %s, a rollback %s", (phase, byWeight, byRollback) => {
  const before = { ...initialState('wod', percent(10), at), ramp: rampIn(phase) };
  expect(weighted(before, percent(20), author, at).ramp?.phase).toBe(byWeight);
  const back = rolledBack(before, { ...author, verdicts: [] }, at);
  expect(back).toMatchObject({ weight: 0, weightBefore: 1000, ramp: { phase: byRollback } });
});

test('a rollback gives a way back again', () => {
  const before = { ...initialState('wod', EVERYBODY, at), retired: true };
  expect(rolledBack(before, { ...author, verdicts: [] }, at)).toMatchObject({ weight: 0, retired: false });
});
