import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { logLowerBeta, logUpperBeta } from './incomplete-beta.ts';

describe('logUpperBeta', () => {
  // Closed forms: 1 - x^a for b = 1; (1-x)^b for a = 1; (2/π) acos √x for a = b = 1/2.
  test.each([
    [0.3, { a: 4, b: 1 }, Math.log(1 - 0.3 ** 4)],
    [0.99, { a: 1, b: 1000 }, 1000 * Math.log(0.01)],
    [0.999, { a: 0.5, b: 0.5 }, Math.log((2 / Math.PI) * Math.acos(Math.sqrt(0.999)))],
    [0.01, { a: 0.5, b: 0.5 }, Math.log((2 / Math.PI) * Math.acos(0.1))],
    [0.5, { a: 123, b: 123 }, Math.log(0.5)],
    [0.5, { a: 1e6, b: 1e6 }, Math.log(0.5)],
    [0, { a: 2, b: 3 }, 0],
    [1, { a: 2, b: 3 }, -Infinity],
  ])('at %d of %j is %d', (x, beta, expected) => {
    const found = logUpperBeta(x, beta);
    expect(found === expected || Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected))).toBe(true);
  });

  test('and the lower part make one', () => {
    const positive = fc.double({ min: 0.1, max: 5000, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), positive, positive, (x, a, b) => {
        const sum = Math.exp(logUpperBeta(x, { a, b })) + Math.exp(logLowerBeta(x, { a, b }));
        expect(sum).toBeCloseTo(1, 9);
      }),
    );
  });
});
