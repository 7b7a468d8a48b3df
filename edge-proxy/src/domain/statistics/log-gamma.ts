const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
/** Bernoulli numbers over 2k(2k-1), the coefficients of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156] as const;
const LARGE = 10;

/**
 * ln Γ(x) within about 1e-15 of its size: Stirling's series (DLMF 5.11.1), reached for a small x by Γ(x + 1) = x Γ(x)
 * (DLMF 5.5.1).
 *
 * @param x above 0
 */
export function logGamma(x: number): number {
  let shift = 1;
  let large = x;
  while (large < LARGE) shift *= large++;
  const inverseSquare = 1 / (large * large);
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * inverseSquare + STIRLING[k]!;
  return (large - 0.5) * Math.log(large) - large + HALF_LOG_TWO_PI + series / large - Math.log(shift);
}

/** ln B(a, b) (DLMF 5.12.1). @param a above 0 @param b above 0 */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}
