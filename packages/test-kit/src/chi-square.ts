/**
 * The chi-square test of goodness of fit, for properties such as "drawn uniformly".
 *
 * The upper tail is the regularised incomplete gamma function Q(k/2, x/2), by its series below a + 1 and by its
 * continued fraction (modified Lentz) above: Press et al., Numerical Recipes, 3rd ed., section 6.2. The logarithm of the
 * gamma function is Lanczos' approximation with g = 7 and nine terms (Godfrey's coefficients), good to 15 digits.
 */

/** How far counts lie from what was expected: Pearson's statistic. */
export function chiSquareStatistic(observed: readonly number[], expected: readonly number[]): number {
  return observed.reduce((sum, count, cell) => {
    const mean = expected[cell] ?? Number.NaN;
    return sum + (count - mean) ** 2 / mean;
  }, 0);
}

/** The probability (0–1) that equally likely cells differ at least as much as these counts do. */
export function uniformityPValue(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = chiSquareStatistic(
    counts,
    counts.map(() => mean),
  );
  return chiSquareUpperTail(statistic, counts.length - 1);
}

/** P(X ≥ statistic) for a chi-square variable X with so many degrees of freedom (> 0). */
export function chiSquareUpperTail(statistic: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0)) throw new RangeError(`degrees of freedom must be above 0, received ${degreesOfFreedom}`);
  if (!(statistic >= 0)) throw new RangeError(`the statistic must be at least 0, received ${statistic}`);
  return upperGammaRatio(degreesOfFreedom / 2, statistic / 2);
}

const PRECISION = 1e-14;
const SMALLEST = 1e-300;

/** Q(a, x) = Γ(a, x) / Γ(a). */
function upperGammaRatio(a: number, x: number): number {
  if (x === 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * PRECISION; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / SMALLEST;
  let d = 1 / b;
  let fraction = d;
  let step = 0;
  for (let i = 1; Math.abs(step - 1) > PRECISION; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    step = c * d;
    fraction *= step;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < SMALLEST ? SMALLEST : value;
}

const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(z) for z ≥ 0.5. */
function logGamma(z: number): number {
  const sum = LANCZOS.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (z - 1 + i)), 0);
  const t = z - 1 + LANCZOS_G + 0.5;
  return Math.log(2 * Math.PI) / 2 + (z - 0.5) * Math.log(t) - t + Math.log(sum);
}
