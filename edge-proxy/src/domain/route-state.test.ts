import { expect, test } from '@jest/globals';
import { initialState, nextState, phaseOf, wasChanged } from './route-state.ts';
import { NOBODY, weightFromPercent } from './weight.ts';

const at = new Date('2026-03-01T03:00:00Z');

test.each([
  [0, 'legacy'],
  [0.01, 'canary'],
  [50, 'canary'],
  [99.99, 'canary'],
  [100, 'full'],
])('at %d %% the phase is %s', (percent, phase) => {
  expect(phaseOf(weightFromPercent(percent))).toBe(phase);
});

test('a route begins unchanged, at revision 0 and the configured weight', () => {
  const state = initialState('wod', weightFromPercent(10), at);
  expect(state).toMatchObject({ route: 'wod', revision: 0, weight: 1000, changedBy: 'configuration' });
  expect(wasChanged(state)).toBe(false);
});

test('a change counts the revision up by one and leaves the state before it as it was', () => {
  const before = Object.freeze(initialState('wod', NOBODY, at));
  const after = nextState(before, { weight: weightFromPercent(25), changedBy: 'ops', reason: 'first step' }, at);
  expect(after).toEqual({
    route: 'wod',
    revision: 1,
    weight: 2500,
    weightBefore: 0,
    changedBy: 'ops',
    changedAt: '2026-03-01T03:00:00.000Z',
    reason: 'first step',
  });
  expect(wasChanged(after)).toBe(true);
});
