import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_GROWTH, grow } from './counter-growth.ts';

const grownOver = (values: (number | undefined)[]) => values.reduce<typeof NO_GROWTH>(grow, NO_GROWTH).grown;

test.each<[(number | undefined)[], number]>([
  [[], 0],
  [[undefined], 0],
  [[7], 0],
  [[7, 7], 0],
  [[7, 9, 12], 5],
  [[7, undefined, 9], 2],
  [[undefined, 7, 9], 2],
  [[7, 9, 3], 5],
  [[7, 0], 0],
  [[7, 0, 4], 4],
  [[7, undefined, 3, 5], 5],
])('%j grows by %d', (values, growth) => {
  expect(grownOver(values)).toBe(growth);
});

test('it is what was counted, however often it is looked at and the counter begins anew just after a look', () => {
  const increments = fc.array(fc.nat(1000), { minLength: 1 });
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.array(increments), (start, lives) => {
      const values: number[] = [start];
      lives.forEach((life, index) => {
        let value = index === 0 ? start : 0;
        if (index > 0) values.push(0);
        for (const increment of life) values.push((value += increment));
      });
      expect(grownOver(values)).toBe(lives.flat().reduce((sum, increment) => sum + increment, 0));
    }),
  );
});

test('it never shrinks', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (values) => {
      let growth = NO_GROWTH;
      for (const value of values) {
        const next = grow(growth, value);
        expect(next.grown).toBeGreaterThanOrEqual(growth.grown);
        growth = next;
      }
    }),
  );
});
