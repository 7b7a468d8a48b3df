import { createHash, randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { uniformityPValue } from '@fit/test-kit/chi-square';
import fc from 'fast-check';
import { drawPositions } from './draw.ts';
import type { RandomInt } from './draw.ts';

/** A total, some of its positions excluded, and a count that is still possible. */
const draws = fc
  .uniqueArray(fc.nat({ max: 60 }), { maxLength: 40 })
  .chain((excluded) =>
    fc.record({ excluded: fc.constant(excluded), total: fc.integer({ min: Math.max(0, ...excluded) + 1, max: 80 }) }),
  )
  .chain(({ excluded, total }) =>
    fc.record({
      excluded: fc.constant(excluded),
      total: fc.constant(total),
      count: fc.integer({ min: 0, max: Math.min(6, total - excluded.length) }),
      seed: fc.integer(),
    }),
  );

describe('every draw', () => {
  test('has the count asked for, no position twice, none excluded, none outside', () => {
    fc.assert(
      fc.property(draws, ({ total, excluded, count, seed }) => {
        const drawn = drawPositions({ total, excluded, count, random: seeded(seed) });
        expect(drawn).toHaveLength(count);
        expect(new Set(drawn).size).toBe(count);
        expect(drawn.filter((position) => excluded.includes(position))).toEqual([]);
        expect(drawn.every((position) => position >= 0 && position < total)).toBe(true);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  test('asks for as many random numbers as it draws, each within what is left', () => {
    const bounds: number[] = [];
    const random: RandomInt = (bound) => {
      bounds.push(bound);
      return bound - 1;
    };
    drawPositions({ total: 1000, excluded: [0, 999, 500], count: 6, random });
    expect(bounds).toEqual([997, 996, 995, 994, 993, 992]);
  });

  test('takes everything where exactly so much is left', () => {
    const drawn = drawPositions({ total: 9, excluded: [0, 4, 8], count: 6, random: randomInt });
    expect(drawn.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7]);
  });

  test('refuses to draw more than there is', () => {
    expect(() => drawPositions({ total: 9, excluded: [0, 4, 8, 7], count: 6, random: randomInt })).toThrow(RangeError);
  });
});

/** Of 12 positions four are excluded, at both ends and inside. */
const EXCLUDED = [0, 5, 6, 11];
const CANDIDATES = [1, 2, 3, 4, 7, 8, 9, 10];

describe.each([
  ['a seeded source', seeded(20_260_615), 0.001],
  ['the cryptographic source', randomInt, 1e-9],
])('with %s', (_name, random, leastPValue) => {
  const drawOnce = (total: number, excluded: number[], count: number) =>
    drawPositions({ total, excluded, count, random });

  test('every candidate is equally likely at every place', () => {
    const counts = CANDIDATES.map(() => Array.from({ length: 6 }, () => 0));
    repeat(40_000, () => {
      drawOnce(12, EXCLUDED, 6).forEach((position, place) => increment(counts[CANDIDATES.indexOf(position)], place));
    });
    for (let place = 0; place < 6; place++) {
      expect(uniformityPValue(counts.map((byPlace) => byPlace[place] ?? 0))).toBeGreaterThan(leastPValue);
    }
  });

  test('every one of the 28 sets of six is equally likely', () => {
    const counts = new Map<string, number>();
    repeat(40_000, () =>
      tally(
        counts,
        drawOnce(12, EXCLUDED, 6)
          .toSorted((a, b) => a - b)
          .join(),
      ),
    );
    expect(counts.size).toBe(28);
    expect(uniformityPValue([...counts.values()])).toBeGreaterThan(leastPValue);
  });

  test('every one of the 720 orders is equally likely', () => {
    const counts = new Map<string, number>();
    repeat(40_000, () => tally(counts, drawOnce(8, [2, 7], 6).join()));
    expect(counts.size).toBe(720);
    expect(uniformityPValue([...counts.values()])).toBeGreaterThan(leastPValue);
  });
});

test('the test of uniformity notices a shuffle that draws from all slots every time', () => {
  const random = seeded(1);
  const counts = new Map<string, number>();
  repeat(40_000, () => {
    const slots = [0, 1, 2, 3];
    slots.forEach((_, i) => swap(slots, i, random(slots.length)));
    tally(counts, slots.join());
  });
  expect(uniformityPValue([...counts.values()])).toBeLessThan(1e-9);
});

/** The same numbers for the same seed: 32 bits of a hash of seed and counter. */
function seeded(seed: number): RandomInt {
  let counter = 0;
  return (bound) => {
    const bits = createHash('sha1').update(`${seed}:${counter++}`).digest().readUInt32BE();
    return Math.floor((bits / 2 ** 32) * bound);
  };
}

function repeat(times: number, action: () => void): void {
  for (let i = 0; i < times; i++) action();
}

function tally(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function increment(counts: number[] | undefined, at: number): void {
  if (counts) counts[at] = (counts[at] ?? 0) + 1;
}

function swap(values: number[], i: number, j: number): void {
  [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
}
