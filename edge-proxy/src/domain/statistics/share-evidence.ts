import { logUpperBeta } from './incomplete-beta.ts';
import type { Beta } from './incomplete-beta.ts';
import { logBeta } from './log-gamma.ts';

/** Of so many trials, so many were successes; 0 ≤ successes ≤ trials, whole numbers or not. */
export type Tally = { readonly successes: number; readonly trials: number };

/** Jeffreys' prior: as fair to shares near 0 or 1 as to those between, whatever the scale. */
export const JEFFREYS: Beta = { a: 0.5, b: 0.5 };

/**
 * ln of an e-value against "a trial succeeds with a probability of at most `share`": how much better the trials are foretold
 * by larger probabilities, mixed by Jeffreys' prior cut off at `share`, than by `share` itself:
 *
 *     ∫ p^k (1-p)^(n-k) π(p) dp / (s^k (1-s)^(n-k)),   π ~ Beta(½, ½) on (s, 1)
 *
 * While the hypothesis holds, it ever reaches 1/α, however often one looks, with a probability of at most α: under it, the
 * ratio is a non-negative (super)martingale that starts at 1 (Ville 1939; Robbins, "Statistical methods related to the law of
 * the iterated logarithm", 1970; Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence
 * sequences", 2021).
 *
 * The probabilities need not be equal. Let p₁, p₂, … be those of the trials, each given what came before. For one alternative
 * the ratio is exp(λk) / (1-s+s·e^λ)^n with a λ > 0, and exp(λk) / Π(1-pᵢ+pᵢ·e^λ) is a martingale. As ln(1-p+p·e^λ) is concave
 * in p, the ratio is below that martingale whenever the mean of the p so far is at most s (Jensen). So is the mixture.
 *
 * @param share 0–1; at 0 one success is proof (Infinity), at 1 there is nothing larger (0)
 */
export function logShareEvidence({ successes, trials }: Tally, share: number): number {
  if (trials === 0 || share >= 1) return 0;
  if (share <= 0) return successes > 0 ? Infinity : 0;
  const { a, b } = JEFFREYS;
  const posterior = { a: a + successes, b: b + trials - successes };
  const logMixture =
    logBeta(posterior.a, posterior.b) - logBeta(a, b) + logUpperBeta(share, posterior) - logUpperBeta(share, JEFFREYS);
  return logMixture - successes * Math.log(share) - (trials - successes) * Math.log1p(-share);
}
