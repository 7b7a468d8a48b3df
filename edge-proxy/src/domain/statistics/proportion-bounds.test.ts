import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logBeta } from './log-gamma.ts';
import { proportionBounds } from './proportion-bounds.ts';

describe('proportionBounds', () => {
  // Nothing of n: (1-p)^n = α B(½, n+½)/π, solved for p.
  test.each([
    [12_430, 0.01, 0.000_795_458_135_708],
    [100, 0.05, 0.057_028_597_638_771],
  ])('0 of %d: at most %d', (trials, alpha, upper) => {
    const bounds = proportionBounds({ successes: 0, trials, alpha });
    expect(bounds.lower).toBe(0);
    expect(bounds.upper).toBeCloseTo(upper, 11);
  });

  test('nothing tried: nothing known', () => {
    expect(proportionBounds({ successes: 0, trials: 0, alpha: 0.01 })).toEqual({ lower: 0, upper: 1 });
  });

  test('hold what was seen, and end where the mixture is 1/α times as probable', () => {
    const some = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 5000 }));
    const alpha = fc.constantFrom(0.001, 0.01, 0.2);
    fc.assert(
      fc.property(some, alpha, ([successes, failures], alpha) => {
        const trials = successes + failures;
        const { lower, upper } = proportionBounds({ successes, trials, alpha });
        const logRatio = (p: number) =>
          logBeta(0.5 + successes, 0.5 + failures) -
          logBeta(0.5, 0.5) -
          successes * Math.log(p) -
          failures * Math.log(1 - p);
        expect(lower).toBeLessThan(successes / trials);
        expect(upper).toBeGreaterThan(successes / trials);
        // A bound is good to 1e-14, and at its nearest to 0 or 1 the ratio grows by 1e9 there.
        expect(logRatio(lower)).toBeCloseTo(-Math.log(alpha), 4);
        expect(logRatio(upper)).toBeCloseTo(-Math.log(alpha), 4);
      }),
    );
  });

  test('are mirrored with what is counted, wider with more confidence, and follow the prior', () => {
    const few = proportionBounds({ successes: 3, trials: 40, alpha: 0.01 });
    const most = proportionBounds({ successes: 37, trials: 40, alpha: 0.01 });
    expect(most.lower).toBeCloseTo(1 - few.upper, 12);
    expect(proportionBounds({ successes: 3, trials: 40, alpha: 0.001 }).upper).toBeGreaterThan(few.upper);
    const low = proportionBounds({ successes: 0, trials: 1000, alpha: 0.01, prior: { a: 0.5, b: 50 } });
    expect(low.upper).toBeLessThan(proportionBounds({ successes: 0, trials: 1000, alpha: 0.01 }).upper);
  });
});
