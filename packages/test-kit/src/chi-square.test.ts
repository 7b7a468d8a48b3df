import { describe, expect, test } from '@jest/globals';
import { chiSquareStatistic, chiSquareUpperTail, uniformityPValue } from './chi-square.ts';

describe('chiSquareUpperTail', () => {
  // Critical values: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4.
  test.each([
    [2.706, 1, 0.1],
    [3.841, 1, 0.05],
    [6.635, 1, 0.01],
    [10.828, 1, 0.001],
    [9.236, 5, 0.1],
    [11.07, 5, 0.05],
    [20.515, 5, 0.001],
    [18.307, 10, 0.05],
    [29.588, 10, 0.001],
    [67.505, 50, 0.05],
    [124.342, 100, 0.05],
    [149.449, 100, 0.001],
  ])('of %d with %d degrees of freedom is %d', (statistic, degreesOfFreedom, expected) => {
    expect(chiSquareUpperTail(statistic, degreesOfFreedom) / expected).toBeCloseTo(1, 2);
  });

  test.each([0.01, 1, 2, 5, 20, 80, 300])('with two degrees of freedom is exp(-x/2), at %d', (statistic) => {
    expect(chiSquareUpperTail(statistic, 2) / Math.exp(-statistic / 2)).toBeCloseTo(1, 10);
  });

  test.each([0.01, 1, 4, 6, 30, 90])('with four degrees of freedom is exp(-x/2)(1 + x/2), at %d', (statistic) => {
    expect(chiSquareUpperTail(statistic, 4) / (Math.exp(-statistic / 2) * (1 + statistic / 2))).toBeCloseTo(1, 10);
  });

  test('is 1 at 0', () => {
    expect(chiSquareUpperTail(0, 7)).toBe(1);
  });

  test.each([
    [-1, 1],
    [Number.NaN, 1],
    [1, 0],
  ])('refuses a statistic of %d with %d degrees of freedom', (statistic, degreesOfFreedom) => {
    expect(() => chiSquareUpperTail(statistic, degreesOfFreedom)).toThrow(RangeError);
  });
});

test("chiSquareStatistic is Pearson's, on Mendel's peas", () => {
  const peas = [315, 108, 101, 32];
  const expected = [9, 3, 3, 1].map((share) => (share * 556) / 16);
  expect(chiSquareStatistic(peas, expected)).toBeCloseTo(0.47, 2);
});

test('uniformityPValue tells a fair die from a loaded one', () => {
  expect(uniformityPValue([98, 102, 105, 95, 99, 101])).toBeGreaterThan(0.9);
  expect(uniformityPValue([80, 80, 80, 80, 80, 200])).toBeLessThan(1e-9);
});
