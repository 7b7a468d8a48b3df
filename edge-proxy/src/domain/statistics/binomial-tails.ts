import { logLowerBeta, logUpperBeta } from './incomplete-beta.ts';
import type { Tally } from './share-evidence.ts';

/** How probable a standard normal variable is beyond 4 σ on one side. */
const BEYOND_FOUR_SIGMA = 3.167_124_183_311_992e-5;

/**
 * Whether so many successes are as plausible for this probability as a normal variable within 4 σ of its mean; by the exact
 * tails of the binomial distribution (DLMF 8.17.5), which are far from normal where successes are rare.
 *
 * @param share 0–1
 */
export function isWithinFourSigma(tally: Tally, share: number): boolean {
  return !isAboveFourSigma(tally, share) && logAtMost(tally, share) >= Math.log(BEYOND_FOUR_SIGMA);
}

/** Whether there are implausibly many of them, in the same sense. */
export function isAboveFourSigma(tally: Tally, share: number): boolean {
  return logAtLeast(tally, share) < Math.log(BEYOND_FOUR_SIGMA);
}

/** ln P(X ≥ successes). */
export function logAtLeast({ successes, trials }: Tally, share: number): number {
  return successes === 0 ? 0 : logLowerBeta(share, { a: successes, b: trials - successes + 1 });
}

/** ln P(X ≤ successes). */
export function logAtMost({ successes, trials }: Tally, share: number): number {
  return successes >= trials ? 0 : logUpperBeta(share, { a: successes + 1, b: trials - successes });
}
