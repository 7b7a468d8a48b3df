import { describe, expect, test } from '@jest/globals';
import { logBeta, logGamma } from './log-gamma.ts';

describe('logGamma', () => {
  // ln (n-1)! of the exact integers; Γ(1/2) = √π; Γ(1/4) and Γ(1e-3) from DLMF 5.4 and 5.7.1.
  test.each([
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [171, 706.573_062_245_787_4],
    [2000, 13_198.923_448_054_264],
    [0.5, 0.5 * Math.log(Math.PI)],
    [0.25, Math.log(3.625_609_908_221_908)],
    [0.001, Math.log(999.423_772_484_595_5)],
  ])('of %d is %d', (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-14 * Math.max(10, expected));
  });

  test('goes on smoothly where the series begins', () => {
    for (let x = 9; x < 11.5; x += 0.1) expect(logGamma(x + 1)).toBeCloseTo(logGamma(x) + Math.log(x), 12);
  });
});

test.each([
  [2, 3, 1 / 12],
  [0.5, 0.5, Math.PI],
  [1, 7, 1 / 7],
])('B(%d, %d) is %d', (a, b, expected) => {
  expect(Math.exp(logBeta(a, b))).toBeCloseTo(expected, 13);
});
