import type { Beta } from './incomplete-beta.ts';
import { logBeta } from './log-gamma.ts';
import { JEFFREYS } from './share-evidence.ts';
import type { Tally } from './share-evidence.ts';

/** 0–1 each. */
export type Bounds = { readonly lower: number; readonly upper: number };

/**
 * Bounds of a proportion that hold at every look at once, with a confidence of 1 - alpha: Robbins' confidence sequence by the
 * beta-binomial mixture (Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon 2021). They hold those p for which
 *
 *     ∫ q^k (1-q)^(n-k) π(q) dq / (p^k (1-p)^(n-k)) < 1/alpha,   π = Beta(a, b)
 *
 * which has its least at k/n and grows to both sides of it. If the probability changes from trial to trial, they hold its mean
 * so far (see `logShareEvidence`). Nothing tried: 0 and 1.
 *
 * @param alpha above 0, below 1
 * @param prior Jeffreys' unless told otherwise; what is chosen must not depend on what is tried
 */
export function proportionBounds({
  successes,
  trials,
  alpha,
  prior = JEFFREYS,
}: Tally & { readonly alpha: number; readonly prior?: Beta }): Bounds {
  if (trials === 0) return { lower: 0, upper: 1 };
  const failures = trials - successes;
  const logMixture = logBeta(prior.a + successes, prior.b + failures) - logBeta(prior.a, prior.b);
  const isRuledOut = (p: number) => logMixture - logPower(p, successes) - logPower(1 - p, failures) >= -Math.log(alpha);
  const estimate = successes / trials;
  return {
    lower: successes === 0 ? 0 : border(0, estimate, isRuledOut),
    upper: failures === 0 ? 1 : border(1, estimate, isRuledOut),
  };
}

/** Where, between what is ruled out and what is not, it changes; on the side of what is ruled out. */
function border(ruledOut: number, possible: number, isRuledOut: (p: number) => boolean): number {
  for (;;) {
    const middle = (ruledOut + possible) / 2;
    if (middle === ruledOut || middle === possible) return ruledOut;
    if (isRuledOut(middle)) ruledOut = middle;
    else possible = middle;
    if (Math.abs(ruledOut - possible) < 1e-14 * Math.min(middle, 1)) return ruledOut;
  }
}

function logPower(base: number, exponent: number): number {
  return exponent === 0 ? 0 : exponent * Math.log(base);
}
