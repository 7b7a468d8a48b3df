import { expect, test } from '@jest/globals';
import { weightFromPercent, weightPercentSchema, weightToPercent } from './weight.ts';

test('every hundredth of a percent survives the way there and back', () => {
  for (let hundredths = 0; hundredths <= 10_000; hundredths++) {
    expect(weightFromPercent(hundredths / 100)).toBe(hundredths);
    expect(weightToPercent(weightFromPercent(hundredths / 100))).toBe(hundredths / 100);
  }
});

test.each([
  -1,
  -0.01,
  100.001,
  100.01,
  0.001,
  33.333,
  99.999999999,
  1e-9,
  0.1 + 0.2,
  Infinity,
  NaN,
  '10',
  null,
  undefined,
  true,
  [],
  {},
])('a weight of %p is refused', (value) => {
  expect(weightPercentSchema.safeParse(value).success).toBe(false);
  expect(() => weightFromPercent(value as number)).toThrow(RangeError);
});
