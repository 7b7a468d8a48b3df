import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logShareEvidence } from './share-evidence.ts';

const tally = fc
  .tuple(fc.nat(3000), fc.nat(3000))
  .map(([successes, failures]) => ({ successes, trials: successes + failures }));
const share = fc.integer({ min: 1, max: 9999 }).map((hundredths) => hundredths / 10_000);

describe('logShareEvidence', () => {
  // The mixture's integral by Simpson's rule, 400,000 steps, after p = sin² t (which makes Jeffreys' density flat).
  test.each([
    [6, 6, 0.1, 12.555_659_218_632_7],
    [0, 50, 0.1, -3.812_636_327_131],
    [10, 12, 0.5, 2.095_847_159_815_88],
    [3, 412, 0.01, -4.184_156_129_234_33],
    [25, 312, 0.01, 27.906_518_825_258_9],
    [0, 1000, 0.99, -7.598_055_021_221_25],
    [700, 10_000, 0.05, 32.974_704_563_291_6],
  ])('%d of %d against %d: %d', (successes, trials, against, expected) => {
    expect(logShareEvidence({ successes, trials }, against)).toBeCloseTo(expected, 8);
  });

  test('is a martingale: where the share is as supposed, the next trial changes nothing on average', () => {
    fc.assert(
      fc.property(tally, share, ({ successes, trials }, p) => {
        const now = logShareEvidence({ successes, trials }, p);
        const hit = logShareEvidence({ successes: successes + 1, trials: trials + 1 }, p) - now;
        const miss = logShareEvidence({ successes, trials: trials + 1 }, p) - now;
        expect(p * Math.exp(hit) + (1 - p) * Math.exp(miss)).toBeCloseTo(1, 6);
      }),
    );
  });

  test('grows with every success, falls with every failure, and begins at nothing', () => {
    fc.assert(
      fc.property(tally, share, ({ successes, trials }, p) => {
        const now = logShareEvidence({ successes, trials }, p);
        expect(logShareEvidence({ successes: successes + 1, trials: trials + 1 }, p)).toBeGreaterThan(now);
        expect(logShareEvidence({ successes, trials: trials + 1 }, p)).toBeLessThan(now + 1e-9);
      }),
    );
    expect(logShareEvidence({ successes: 0, trials: 0 }, 0.3)).toBe(0);
  });

  test('a share of 0 is refuted by one success, a share of 1 by nothing', () => {
    expect(logShareEvidence({ successes: 1, trials: 1000 }, 0)).toBe(Infinity);
    expect(logShareEvidence({ successes: 0, trials: 1000 }, 0)).toBe(0);
    expect(logShareEvidence({ successes: 1000, trials: 1000 }, 1)).toBe(0);
  });

  test('stays exact with millions of trials', () => {
    expect(logShareEvidence({ successes: 70_000, trials: 7_000_000 }, 0.01)).toBeLessThan(0);
    expect(logShareEvidence({ successes: 72_000, trials: 7_000_000 }, 0.01)).toBeGreaterThan(20);
  });
});
