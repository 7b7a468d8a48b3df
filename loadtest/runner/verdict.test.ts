import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../src/answer-line.ts';
import { ROLLOUT_WEIGHTS } from '../src/scenarios.ts';
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

describe('a rollout', () => {
  /** A second for each weight; two people ask at each, one below every weight, one above all but 100. */
  const changes = ROLLOUT_WEIGHTS.map((weight, index) => ({
    weight,
    askedAt: index * 1000,
    answeredAt: index * 1000 + 1,
  }));
  const answers = changes.flatMap(({ weight, askedAt }): Answer[] => [
    { ...answer, askedAt: askedAt + 500, person: 0, side: weight > 0 ? 'coach' : 'legacy' },
    { ...answer, askedAt: askedAt + 600, person: 1, side: weight === 100 ? 'coach' : 'legacy' },
  ]);
  const whole: Phase = { ...phase(0, true, answers), changes };
  const verdict = (extra: Partial<Phase>) => {
    const made = { ...whole, ...extra };
    return verdictOf('rollout', [{ ...made, answers: made.answers.toSorted((a, b) => a.askedAt - b.askedAt) }]);
  };

  test('passes if it went all the way and back', () => {
    expect(verdict({})).toEqual({ passed: true, lines: ['rollout passed.', 'Nobody changed sides without need.'] });
  });

  test.each([
    ['never moved', changes.slice(0, 1), 'Not every weight was in force: 0 instead of 0 → 1 → 10 → 25 → 50 → 100 → 0'],
    ['was not rolled back', changes.slice(0, -1), / → 100 instead of /],
    ['left a weight out', changes.toSpliced(3, 1), /: 0 → 1 → 10 → 50 → 100 → 0 instead of /],
  ])('fails if it %s', (_name, some, line) => {
    const { passed, lines } = verdict({ changes: some });
    expect(passed).toBe(false);
    expect(lines[1]).toMatch(line);
  });

  test('fails if nobody asked at one of its weights', () => {
    const { passed, lines } = verdict({ answers: answers.filter(({ askedAt }) => askedAt < 6000) });
    expect(passed).toBe(false);
    expect(lines).toContain('Not one request at 0 % again');
  });

  test('says how many the coach did not serve at 100 %, and that the monolith stood in', () => {
    const standIn = (each: Answer): Answer =>
      each.askedAt === 5600 ? { ...each, side: 'legacy', fallback: 'connection-refused' } : each;
    expect(verdict({ answers: answers.map(standIn) })).toEqual({
      passed: true,
      lines: [
        'rollout passed.',
        'Nobody changed sides without need.',
        'At 100 % the coach did not serve 1 of 2 people.',
        '1 answer was a fallback: the coach failed and the monolith stood in.',
      ],
    });
  });

  test('fails on one person who changed sides without need, and names who and where', () => {
    const flipping = [0, 1, 2, 3, 4, 5].flatMap((person): Answer[] => [
      { ...answer, person: person + 10, askedAt: 2500 },
      { ...answer, person: person + 10, askedAt: 2600, side: 'coach' },
    ]);
    const { passed, lines } = verdict({ answers: [...answers, ...flipping] });
    expect(passed).toBe(false);
    expect(lines.slice(1, 3)).toEqual([
      '6 people changed sides without need:',
      '  number 11 (person-0011@fit.example): on legacy at weight 10 (00:00:02.500), then on coach at weight 10 (00:00:02.600)',
    ]);
    expect(lines.at(-1)).toBe('  … and 1 more');
  });

  test('says over which weights somebody was seen', () => {
    const long: Answer = { ...answer, person: 7, askedAt: 3500, elapsedMs: 2000, side: 'legacy' };
    const before: Answer = { ...answer, person: 7, askedAt: 2500, side: 'coach' };
    expect(verdict({ answers: [...answers, before, long] }).lines).toContain(
      '  number 8 (person-0008@fit.example): on coach at weight 10 (00:00:02.500), then on legacy at weight 25 to 100 (00:00:03.500)',
    );
  });
});

test.each(['smoke', 'objective', 'soak'] as const)(
  '%s says how many answers were fallbacks; they fail nothing',
  (name) => {
    const fallback: Answer = { ...answer, fallback: 'timeout' };
    const { passed, lines } = verdictOf(name, [phase(100, true, [fallback, answer, fallback])]);
    expect(passed).toBe(true);
    expect(lines.at(-1)).toBe('2 answers were fallbacks: the coach failed and the monolith stood in.');
  },
);
