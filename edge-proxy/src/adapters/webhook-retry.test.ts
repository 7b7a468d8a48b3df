import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pauseMs, receptionOf } from './webhook-retry.ts';

test.each([
  [200, 'delivered'],
  [202, 'delivered'],
  [204, 'delivered'],
  [301, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [410, 'refused'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
  [599, 'retry'],
])('%d is %s', (status, reception) => {
  expect(receptionOf(status)).toBe(reception);
});

const NOW = Date.parse('2026-03-10T12:00:00Z');

test.each([
  [1, undefined, 500, 1000],
  [2, undefined, 1000, 2000],
  [3, undefined, 2000, 4000],
  [6, undefined, 16_000, 32_000],
  [7, undefined, 30_000, 60_000],
  [1000, undefined, 30_000, 60_000],
  [1, '0', 500, 1000],
  [1, '20', 20_000, 20_000],
  [7, '20', 30_000, 60_000],
  [1, '999999999', 300_000, 300_000],
  [1, 'Tue, 10 Mar 2026 12:00:30 GMT', 30_000, 30_000],
  [1, 'Tue, 10 Mar 2026 11:00:00 GMT', 500, 1000],
  [1, 'Tue, 10 Mar 2099 12:00:00 GMT', 300_000, 300_000],
  [1, 'soon', 500, 1000],
  [1, '-5', 500, 1000],
  [1, '2099', 300_000, 300_000],
])('after attempt %d and Retry-After %j it is %d to %d ms', (attempt, retryAfter, least, most) => {
  expect(pauseMs(attempt, retryAfter, { now: NOW, random: 0 })).toBe(least);
  expect(pauseMs(attempt, retryAfter, { now: NOW, random: 1 })).toBe(most);
});

test('whatever a receiver says, it is from half a second to five minutes', () => {
  const attempts = fc.integer({ min: 1, max: 10_000 });
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(attempts, fc.option(fc.string(), { nil: undefined }), random, (attempt, said, chance) => {
      const pause = pauseMs(attempt, said, { now: NOW, random: chance });
      expect(pause).toBeGreaterThanOrEqual(500);
      expect(pause).toBeLessThanOrEqual(300_000);
    }),
  );
});
