import { expect, test } from '@jest/globals';
import { waitBeforeRetryMs } from './live-state.ts';

test.each([
  [1, 0, 250],
  [1, 1, 500],
  [2, 1, 1000],
  [4, 0, 2000],
  [5, 1, 8000],
  [50, 1, 8000],
])('after %d failures in a row (chance %d) it waits %d ms', (failures, chance, expected) => {
  expect(waitBeforeRetryMs(failures, chance)).toBe(expected);
});
