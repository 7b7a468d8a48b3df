import { describe, expect, test } from '@jest/globals';
import { parsePublished } from './published-exercise.ts';
import { published } from './published-exercise.fixture.ts';

const problemsOf = (file: unknown) => {
  const parsed = parsePublished(file);
  return parsed.kind === 'bad' ? parsed.problems : [];
};

describe('parsePublished', () => {
  test('takes records as published, fields that we do not know included', () => {
    const parsed = parsePublished([
      { ...published(1), videos: [] },
      published(2, { equipment: null, instructions: [] }),
    ]);
    expect(parsed).toMatchObject({ kind: 'good', records: [{ id: 'Exercise_1' }, { id: 'Exercise_2' }] });
  });

  test.each<[string, object, RegExp]>([
    ['level', { level: 'god' }, /^\[1\] "Exercise 1" level: .*\(received "god"\)$/],
    ['equipment', { equipment: 'sledge' }, /^\[1\] "Exercise 1" equipment: /],
    ['equipment', { equipment: undefined }, /^\[1\] "Exercise 1" equipment: .*\(received nothing\)$/],
    ['primaryMuscles', { primaryMuscles: [] }, /primaryMuscles: /],
    ['primaryMuscles.0', { primaryMuscles: ['heart'] }, /primaryMuscles\.0: .*"heart"/],
    ['secondaryMuscles', { secondaryMuscles: 'biceps' }, /secondaryMuscles: /],
    ['category', { category: 'yoga' }, /category: /],
    ['instructions.1', { instructions: ['Lift.', 7] }, /instructions\.1: /],
    ['name', { name: '  ' }, /name: /],
    ['id', { id: 12 }, /id: /],
    ['images', { images: null }, /images: /],
    ['force', { force: 3 }, /force: /],
  ])('names a bad %s with the index of its record', (_field, wrong, problem) => {
    expect(problemsOf([published(0), { ...published(1), ...wrong }])).toEqual([expect.stringMatching(problem)]);
  });

  test('names every bad record, not only the first', () => {
    const problems = problemsOf([{}, published(1), null, { ...published(3), level: 'x', category: 'y' }]);
    expect(problems.map((problem) => problem.slice(0, 3))).toEqual([...Array(11).fill('[0]'), '[2]', '[3]', '[3]']);
  });

  test('names ids and names that are there twice', () => {
    expect(
      problemsOf([published(0), published(1, { id: 'Exercise_0' }), published(2, { name: 'EXERCISE 1' })]),
    ).toEqual(['[1] id: "Exercise_0" is there already, at [0]', '[2] name: "EXERCISE 1" is there already, at [1]']);
  });

  test.each([[{}], [null], ['text'], [[]]])('refuses %j as a whole', (file) => {
    expect(problemsOf(file)).toEqual([expect.stringMatching(/^\(whole\): /)]);
  });
});
