import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readWeight, stepWeight } from './weight-input.ts';

test.each([
  ['0', 0],
  ['12.5', 12.5],
  ['12,5', 12.5],
  [' 12.50 % ', 12.5],
  ['.01', 0.01],
  ['100', 100],
  ['100.00', 100],
  ['7.', 7],
  ['0.1200', 0.12],
])('%p is %d', (typed, weight) => {
  expect(readWeight(typed)).toEqual({ ok: true, weight });
});

test.each([
  ['', 'Type a weight from 0 to 100.'],
  ['%', 'Type a weight from 0 to 100.'],
  ['ten', 'The weight must be a number from 0 to 100, such as 12.5.'],
  ['.', 'The weight must be a number from 0 to 100, such as 12.5.'],
  ['1e1', 'The weight must be a number from 0 to 100, such as 12.5.'],
  ['1,000.5', 'The weight must be a number from 0 to 100, such as 12.5.'],
  ['0x10', 'The weight must be a number from 0 to 100, such as 12.5.'],
  ['-1', 'The weight must be from 0 to 100.'],
  ['100.01', 'The weight must be from 0 to 100.'],
  ['12.345', 'The weight goes in steps of 0.01.'],
])('%p is refused', (typed, problem) => {
  expect(readWeight(typed)).toEqual({ ok: false, problem });
});

test('every step of 0.01 can be typed, and reached', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -10_000, max: 10_000 }), (from, steps) => {
      const weight = stepWeight(from / 100, steps);
      expect(weight).toBe(Math.min(10_000, Math.max(0, from + steps)) / 100);
      expect(readWeight(String(weight))).toEqual({ ok: true, weight });
    }),
  );
});
