import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FLAWS } from '../domain/evidence.ts';
import { CHECKED, FAILED, INVALID, NOTHING, REJECTED, SLOW, hasMet } from './met.ts';
import type { Met } from './met.ts';
import { UnitTally } from './unit-tally.ts';

const none = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };

const met = fc
  .subarray([FAILED, SLOW, REJECTED, INVALID, CHECKED])
  .map((bits) => bits.reduce((all, bit) => all | bit, NOTHING));
const meeting = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 3 }), met);

describe('people in minutes', () => {
  test('each counts once, with all that it met, in whatever order and however often', () => {
    fc.assert(
      fc.property(fc.array(meeting, { maxLength: 60 }), (meetings) => {
        const tally = new UnitTally();
        const expected = new Map<string, Met>();
        for (const [person, minute, each] of meetings) {
          tally.add(person, minute, each);
          const unit = `${person} ${minute}`;
          expected.set(unit, (expected.get(unit) ?? NOTHING) | each);
        }
        const units = [...expected.values()];
        const { counts } = tally;
        expect(counts.units).toBe(units.length);
        expect(counts.checked).toBe(units.filter((each) => (each & CHECKED) !== 0).length);
        for (const flaw of FLAWS) expect(counts[flaw]).toBe(units.filter((each) => hasMet(each, flaw)).length);
      }),
    );
  });

  test('a flaw counts at once, and the good answers after it take nothing back', () => {
    const tally = new UnitTally();
    tally.add(1, 0, NOTHING);
    tally.add(1, 0, FAILED);
    expect(tally.counts).toEqual({ ...none, units: 1, failed: 1 });
    tally.add(1, 0, NOTHING);
    tally.add(1, 1, NOTHING);
    expect(tally.counts).toEqual({ ...none, units: 2, failed: 1 });
  });

  test('beyond the most that are told apart, the new count no more, and the known ones do', () => {
    const tally = new UnitTally(2);
    for (const person of [1, 2, 3]) tally.add(person, 0, SLOW);
    tally.add(2, 0, FAILED);
    tally.add(3, 1, NOTHING);
    expect(tally.counts).toEqual({ ...none, units: 3, slow: 2, failed: 1 });
  });

  test('of minutes that are kept no longer, what was counted stays', () => {
    const tally = new UnitTally();
    for (const minute of [0, 1, 2]) tally.add(7, minute, FAILED);
    tally.keep(1, 2);
    for (const minute of [1, 2]) tally.add(7, minute, FAILED);
    expect(tally.counts).toEqual({ ...none, units: 3, failed: 3 });
  });
});
