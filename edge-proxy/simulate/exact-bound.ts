import { logAtMost } from '../src/domain/statistics/binomial-tails.ts';
import type { Tally } from '../src/domain/statistics/share-evidence.ts';

/** The upper bound of a proportion after a fixed number of trials, exact (Clopper and Pearson 1934); by bisection. */
export function proportionAtMost({ successes, trials }: Tally, confidence: number): number {
  if (successes === trials) return 1;
  let [possible, ruledOut] = [successes / trials, 1];
  while (ruledOut - possible > 1e-9) {
    const middle = (possible + ruledOut) / 2;
    if (Math.exp(logAtMost({ successes, trials }, middle)) > 1 - confidence) possible = middle;
    else ruledOut = middle;
  }
  return ruledOut;
}
