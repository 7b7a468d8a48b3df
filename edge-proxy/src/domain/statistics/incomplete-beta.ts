import { logBeta } from './log-gamma.ts';

/** Of a Beta distribution, or of a proportion a posteriori; both above 0. */
export type Beta = { readonly a: number; readonly b: number };

const PRECISION = 1e-15;
/** About √max(a, b) are needed; this is enough for 10¹⁰ observations. */
const MOST_TERMS = 200_000;
const TINY = 1e-300;

/**
 * ln(1 - I_x(a, b)): how probable it is that a variable with this Beta distribution exceeds x. Exact where the probability
 * itself would be too small for a number. I_x is the regularised incomplete beta function (DLMF 8.17.2).
 *
 * @param x 0–1
 */
export function logUpperBeta(x: number, { a, b }: Beta): number {
  if (x <= 0) return 0;
  if (x >= 1) return -Infinity;
  // The continued fraction converges fast below the mean; above it, the other tail's does (DLMF 8.17.4).
  const isBelowMean = x < (a + 1) / (a + b + 2);
  return isBelowMean ? Math.log1p(-Math.exp(logTail(x, { a, b }))) : logTail(1 - x, { a: b, b: a });
}

/** ln I_x(a, b): how probable it is that such a variable is at most x. @param x 0–1 */
export function logLowerBeta(x: number, { a, b }: Beta): number {
  return logUpperBeta(1 - x, { a: b, b: a });
}

/** ln I_x(a, b) for an x below the mean or a little above. */
function logTail(x: number, { a, b }: Beta): number {
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b) - Math.log(a);
  return Math.min(0, logFactor - Math.log(continuedFraction(x, a, b)));
}

/**
 * 1 + d1/(1 + d2/(1 + …)) of DLMF 8.17.22, from the front by Lentz's algorithm (Applied Optics 15, 1976), as Thompson and
 * Barnett (J. Comput. Phys. 64, 1986) keep it from dividing by nothing.
 */
function continuedFraction(x: number, a: number, b: number): number {
  let value = 1;
  let numerator = 1;
  let denominator = 0;
  for (let term = 1; term <= MOST_TERMS; term++) {
    const d = coefficient(term, x, { a, b });
    denominator = 1 / awayFromZero(1 + d * denominator);
    numerator = awayFromZero(1 + d / numerator);
    const change = numerator * denominator;
    value *= change;
    if (Math.abs(change - 1) < PRECISION) break;
  }
  return value;
}

function coefficient(term: number, x: number, { a, b }: Beta): number {
  const m = Math.floor(term / 2);
  if (term % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
  return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
