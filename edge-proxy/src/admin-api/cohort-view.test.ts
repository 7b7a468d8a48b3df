import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialState } from '../domain/route-state.ts';
import { cutOff, hashOf, sideOf } from '../domain/split.ts';
import { EVERYBODY, NOBODY, revision, weightFromPercent } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';
import { firstNewWeight, previewView } from './cohort-view.ts';

const weightOf = (hundredths: number) => hundredths as Weight;
const users = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

describe('the first weight at which a user is new', () => {
  test('is the border: old just below it, new from there on', () => {
    fc.assert(
      fc.property(users, fc.integer({ min: 0, max: 10_000 }), (user, hundredths) => {
        const first = firstNewWeight('wod', user);
        expect(sideOf('wod', user, weightOf(hundredths))).toBe(hundredths >= first ? 'new' : 'old');
        expect(sideOf('wod', user, first)).toBe('new');
        expect(sideOf('wod', user, weightOf(first - 1))).toBe('old');
      }),
    );
  });

  test('is 100 % for the one hash that no cut-off reaches', () => {
    expect(hashOf('wod', 'u00000g55z6v')).toBe(0xffffffff);
    expect(cutOff(EVERYBODY)).toBe(0xffffffff);
    expect(firstNewWeight('wod', 'u00000g55z6v')).toBe(EVERYBODY);
  });

  test('is never nobody', () => {
    fc.assert(fc.property(users, (user) => expect(firstNewWeight('wod', user)).toBeGreaterThan(NOBODY)));
  });
});

describe('a preview', () => {
  const state = {
    ...initialState('wod', weightFromPercent(10), new Date('2026-03-01T03:00:00Z')),
    revision: revision(3),
  };

  test.each([
    [25, 'new', 15],
    [0, 'old', 10],
    [10.01, 'new', 0.01],
    [10, null, 0],
  ])('to %d %% says who moves', (after, to, share) => {
    const asked: unknown[] = [];
    const usersBetween = (...between: unknown[]) => {
      asked.push(between);
      return { seen: 200.4, moving: 29.6 };
    };
    expect(previewView(state, weightFromPercent(after), { usersBetween })).toEqual({
      route: 'wod',
      revision: 3,
      before: 10,
      after,
      to,
      share_moving: share,
      users_seen: 200,
      users_moving: 30,
    });
    expect(asked).toEqual([['wod', 1000, Math.round(after * 100)]]);
  });
});
