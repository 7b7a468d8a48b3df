import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyEvidence, evidenceOf, periodOf, unitsOf } from './any-evidence.ts';
import { mergeEvidence } from './merge-evidence.ts';
import { mergeHashes } from './merge-hashes.ts';
import { revision } from './weight.ts';

test.each([
  [2, 3, 3],
  [3, undefined, 3],
  [undefined, undefined, undefined],
])('a counter that grew in period %p here and %p there last grew in %p', (one, other, lastPeriod) => {
  const seen = [one, other].map((each) => evidenceOf({ custom: { jobs: { bad: 1, total: 9, lastPeriod: each } } }));
  expect(mergeEvidence(seen)?.custom).toEqual({ jobs: { bad: 2, total: 18, lastPeriod } });
});

describe('mergeEvidence', () => {
  test('of nobody is nothing, of one edge is what it saw', () => {
    const one = evidenceOf({ misplaced: 3 });
    expect(mergeEvidence([])).toBeUndefined();
    expect(mergeEvidence([one])).toBe(one);
  });

  test('adds counts and tells people apart by their hash', () => {
    const one = evidenceOf({
      requests: { old: 5, new: 2 },
      units: { old: unitsOf({ units: 4 }), new: unitsOf({ units: 2, failed: 1 }) },
      misplaced: 1,
      unverified: { old: 2, new: 3 },
      periods: [periodOf(1, { users: [1, 2] }), periodOf(2, { users: [7, 8], flawed: { failed: [7] } })],
    });
    const other = evidenceOf({
      requests: { old: 1, new: 1 },
      units: { old: unitsOf({ units: 1 }), new: unitsOf({ units: 1, failed: 1, checked: 1 }) },
      unverified: { old: 0, new: 4 },
      periods: [periodOf(2, { users: [8, 9], flawed: { failed: [9, 7] }, judged: { users: [8] } }), periodOf(3, {})],
    });
    expect(mergeEvidence([one, other])).toEqual(
      evidenceOf({
        requests: { old: 6, new: 3 },
        units: { old: unitsOf({ units: 5 }), new: unitsOf({ units: 3, failed: 2, checked: 1 }) },
        misplaced: 1,
        unverified: { old: 2, new: 7 },
        periods: [
          periodOf(2, { users: [7, 8, 9], flawed: { failed: [7, 9] }, judged: { users: [8] } }),
          periodOf(3, {}),
        ],
      }),
    );
  });

  test('leaves out what belongs to an older epoch', () => {
    const late = evidenceOf({ epoch: revision(4), misplaced: 9 });
    const current = evidenceOf({ epoch: revision(5), misplaced: 1 });
    expect(mergeEvidence([late, current])).toEqual(current);
  });

  test('adds up what edges that led one after the other saw of an upstream’s own counters', () => {
    const all = [{ jobs: { bad: 1, total: 50 } }, { jobs: { bad: 90, total: 90 } }, {}];
    expect(mergeEvidence(all.map((custom) => evidenceOf({ custom })))?.custom).toEqual({
      jobs: { bad: 91, total: 140 },
    });
  });

  test('does not depend on how edges are grouped', () => {
    fc.assert(
      fc.property(anyEvidence, anyEvidence, anyEvidence, (one, two, three) => {
        const grouped = mergeEvidence([mergeEvidence([one, two])!, three])!;
        const together = mergeEvidence([one, two, three])!;
        expect(grouped.units).toEqual(together.units);
        const last = (of: typeof grouped) => new Set(of.periods.at(-1)!.users);
        expect(last(grouped)).toEqual(last(together));
      }),
      { numRuns: 50 },
    );
  });
});

test('mergeHashes keeps each hash once, 0 and the largest included', () => {
  const hashes = fc.uniqueArray(fc.oneof(fc.nat(20), fc.nat(0xffffffff), fc.constant(0xffffffff)));
  fc.assert(
    fc.property(fc.array(hashes, { maxLength: 4 }), (lists) => {
      expect(mergeHashes(lists)).toEqual([...new Set(lists.flat())]);
    }),
  );
});
