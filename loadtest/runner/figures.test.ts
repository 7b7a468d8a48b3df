import { describe, expect, test } from '@jest/globals';
import { plainAnswer as answer } from './answer.fixture.ts';
import { commonFaults, figuresOf, percentile } from './figures.ts';

test.each([
  [[], 0.95, undefined],
  [[7], 0.95, 7],
  [[1, 2], 0.5, 1.5],
  [[1, 2, 3, 4, 5], 0.5, 3],
  [[0, 100], 0.95, 95],
  [[1, 2, 3], 1, 3],
])('of %j, percentile %d is %p', (sorted, share, expected) => {
  expect(percentile(sorted, share)).toBe(expected);
});

describe('figures', () => {
  test('of nothing are no numbers', () => {
    expect(figuresOf([], 0)).toMatchObject({ requests: 0, perSecond: 0, p95Ms: undefined, failedShare: undefined });
  });

  test('count requests, people, failures and both shares', () => {
    const answers = [
      answer({ person: 0, side: 'coach', durationMs: 1 }),
      answer({ person: 0, side: 'coach', durationMs: 2 }),
      answer({ person: 1, side: 'legacy', durationMs: 30, fallback: 'connection-refused' }),
      answer({ person: 2, side: undefined, durationMs: 0, fault: 'no answer' }),
    ];
    expect(figuresOf(answers, 2)).toEqual({
      requests: 4,
      perSecond: 2,
      p50Ms: 1.5,
      p95Ms: expect.closeTo(25.8),
      p99Ms: expect.closeTo(29.16),
      maxMs: 30,
      failed: 1,
      failedShare: 0.25,
      fallbacks: 1,
      people: 3,
      peopleOnCoach: 1,
      coachShareOfRequests: 2 / 3,
      coachShareOfPeople: 1 / 2,
    });
  });
});

test('the most frequent faults come first', () => {
  const answers = ['b', 'a', 'b', undefined, 'c'].map((fault) => answer({ fault }));
  expect(commonFaults(answers, 2)).toEqual([
    { fault: 'b', count: 2 },
    { fault: 'a', count: 1 },
  ]);
});
