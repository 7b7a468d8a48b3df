import { describe, expect, test } from '@jest/globals';
import { isWithinFourSigma, logAtLeast, logAtMost } from './binomial-tails.ts';

describe('the tails of a binomial distribution', () => {
  // ln of the sums of C(n, i) p^i (1-p)^(n-i), summed as exact fractions.
  test.each([
    [3, 10, 0.3, -0.482_534_269_057_026_7, -0.431_381_990_270_793_4],
    [1, 1000, 0.001, -0.458_384_078_092_422, -0.306_852_777_732_274_26],
    [30, 30, 0.01, -138.155_105_579_642_74, 0],
    [120, 1000, 0.1, -3.816_888_069_805_827_4, -0.017_407_872_149_760_806],
    [560, 1000, 0.5, -9.402_410_064_530_386, -6.388_419_978_975_435e-5],
  ])('%d of %d at %d', (successes, trials, share, atLeast, atMost) => {
    expect(logAtLeast({ successes, trials }, share)).toBeCloseTo(atLeast, 9);
    expect(logAtMost({ successes, trials }, share)).toBeCloseTo(atMost, 9);
  });
});

describe('isWithinFourSigma', () => {
  // 10,000 people at 10 %: σ is 30, so that 4 σ is 880 to 1,120; three of 30 at 1 % are rare (0.3 %), five are not chance.
  test.each([
    [1000, 10_000, 0.1, true],
    [890, 10_000, 0.1, true],
    [870, 10_000, 0.1, false],
    [1130, 10_000, 0.1, false],
    [3, 30, 0.01, true],
    [5, 30, 0.01, false],
    [0, 0, 0.1, true],
    [0, 50, 0.1, true],
    [0, 200, 0.1, false],
  ])('%d of %d at %d: %s', (successes, trials, share, expected) => {
    expect(isWithinFourSigma({ successes, trials }, share)).toBe(expected);
  });
});
