import fc from 'fast-check';
import type { Measured } from '../measured.ts';

/** The figures times a factor each; those without one stay. */
export function scaled(measured: Measured, factors: Readonly<Record<string, number>>): Measured {
  return Object.fromEntries(
    Object.entries(measured).map(([name, figure]) => [name, { ...figure, value: figure.value * (factors[name] ?? 1) }]),
  );
}

/** As calmer and busier machines would have measured: each figure for itself. */
export function otherwiseMeasured(measured: Measured, range: { min: number; max: number }): fc.Arbitrary<Measured> {
  const factor = fc.double({ ...range, noNaN: true });
  const costs = Object.keys(measured).filter((name) => name.includes('Micros'));
  return fc.record(Object.fromEntries(costs.map((name) => [name, factor]))).map((factors) => scaled(measured, factors));
}
