import { expect, test } from '@jest/globals';
import { FallbackBudget } from './fallback-budget.ts';

function spent(budget: FallbackBudget, requests: number, everyMs: number, from = 0): number {
  let taken = 0;
  for (let at = 0; at < requests; at++) {
    const now = from + at * everyMs;
    budget.deposit(now);
    if (budget.withdraw(now)) taken++;
  }
  return taken;
}

test.each([
  [20, 1000, 1, 200],
  [50, 1000, 1, 500],
  [0, 1000, 1, 10],
  [20, 5, 1, 5],
])('%d %% of %d requests are %d', (percent, requests, everyMs, expected) => {
  expect(spent(new FallbackBudget({ percent }), requests, everyMs)).toBe(expected);
});

test('what was spent counts for ten seconds', () => {
  const budget = new FallbackBudget({ percent: 0 });
  expect(spent(budget, 20, 1)).toBe(10);
  expect(spent(budget, 20, 1, 9000)).toBe(0);
  expect(spent(budget, 20, 1, 10_500)).toBe(10);
});
