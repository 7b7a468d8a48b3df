import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../src/answer-line.ts';
import type { Phase } from './phases.ts';
import { objectiveWord, verdictOf } from './verdict.ts';

const answer: Answer = {
  askedAt: 1000,
  elapsedMs: 5,
  person: 0,
  status: 200,
  side: 'legacy',
  fallback: undefined,
  durationMs: 5,
  fault: undefined,
};

const phase = (weight: number, isMet: boolean, answers = [answer]): Phase => ({
  name: `weight ${weight}`,
  startedAt: 0,
  endedAt: 2000,
  changes: [{ weight, askedAt: 0, answeredAt: 1 }],
  thresholds: [{ metric: 'workout_duration', rule: 'p(95)<5000', isMet }],
  dropped: 0,
  answers,
});

describe('the objective', () => {
  test.each([
    [[false, false, true], true],
    [[true, true, true], true],
    [[false, false, false], false],
    [[true, true, false], false],
  ])('with thresholds met at 0, 10, 100: %j', (met, passed) => {
    const phases = [0, 10, 100].map((weight, index) => phase(weight, met[index]!));
    expect(verdictOf('objective', phases).passed).toBe(passed);
  });

  test.each([
    [0, false, 'missed, as expected'],
    [10, true, 'met (expected to miss)'],
    [100, true, 'met'],
    [100, false, 'missed'],
  ])('at %d, met %p, is %j', (weight, isMet, word) => expect(objectiveWord(phase(weight, isMet))).toBe(word));
});

test('without a request nothing has passed', () => {
  expect(verdictOf('smoke', [phase(0, true, [])])).toEqual({ passed: false, lines: ['Not one request was made.'] });
});

test('a threshold that k6 calls crossed fails the others', () => {
  expect(verdictOf('soak', [phase(100, true)]).passed).toBe(true);
  expect(verdictOf('soak', [phase(100, false)])).toEqual({
    passed: false,
    lines: ['soak failed.', 'Missed: workout_duration p(95)<5000'],
  });
});

test('a rollout fails on one person who changed sides without need, and names who and where', () => {
  expect(verdictOf('rollout', [phase(50, true)])).toEqual({
    passed: true,
    lines: ['rollout passed.', 'Nobody changed sides without need.'],
  });
  const flipping = [0, 1, 2, 3, 4, 5].flatMap((person): Answer[] => [
    { ...answer, person },
    { ...answer, person, askedAt: 1500, side: 'coach' },
  ]);
  const verdict = verdictOf('rollout', [phase(50, true, flipping)]);
  expect(verdict.passed).toBe(false);
  expect(verdict.lines.slice(1, 3)).toEqual([
    '6 people changed sides without need:',
    '  number 1 (person-0001@fit.example): on legacy at weight 50 (00:00:01.000), then on coach at weight 50 (00:00:01.500)',
  ]);
  expect(verdict.lines.at(-1)).toBe('  … and 1 more');
});
