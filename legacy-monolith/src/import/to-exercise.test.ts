import { describe, expect, test } from '@jest/globals';
import type { PublishedExercise } from './published-exercise.ts';
import { published } from './published-exercise.fixture.ts';
import { slugOf, toExercise } from './to-exercise.ts';

describe('toExercise', () => {
  test('maps every field', () => {
    expect(toExercise(published(1))).toEqual({
      slug: 'exercise-1',
      source_id: 'Exercise_1',
      name: 'Exercise 1',
      description: 'Lift. Lower.',
      difficulty: 1,
      equipment: 'dumbbell',
      body_part: 'arms',
      base_weight_kg: 10,
      base_reps: 10,
      muscles: [
        { muscle: 'biceps', isPrimary: true, intensity: 1 },
        { muscle: 'forearms', isPrimary: false, intensity: 0.6 },
      ],
    });
  });

  test.each<[PublishedExercise['level'], number]>([
    ['beginner', 1],
    ['intermediate', 3],
    ['expert', 5],
  ])('%s is difficulty %i', (level, difficulty) =>
    expect(toExercise(published(1, { level })).difficulty).toBe(difficulty),
  );

  test.each<[PublishedExercise['equipment'], string]>([
    [null, 'other'],
    ['body only', 'body weight'],
    ['kettlebells', 'kettlebell'],
    ['e-z curl bar', 'e-z curl bar'],
    ['foam roll', 'foam roll'],
  ])('equipment %s is %s', (equipment, ours) => expect(toExercise(published(1, { equipment })).equipment).toBe(ours));

  test.each<[PublishedExercise['category'], PublishedExercise['equipment'], number, number]>([
    ['strength', 'barbell', 30, 10],
    ['strength', 'body only', 0, 10],
    ['strength', null, 0, 10],
    ['powerlifting', 'barbell', 45, 5],
    ['stretching', 'dumbbell', 0, 8],
    ['stretching', 'body only', 0, 8],
    ['cardio', 'machine', 0, 20],
    ['plyometrics', 'medicine ball', 2, 10],
    ['plyometrics', 'body only', 0, 10],
    ['strongman', 'other', 0, 6],
  ])('%s with %s starts at %d kg for %i', (category, equipment, base_weight_kg, base_reps) => {
    expect(toExercise(published(1, { category, equipment }))).toMatchObject({ base_weight_kg, base_reps });
  });

  test.each<[Partial<PublishedExercise>, string]>([
    [{ instructions: [] }, 'Exercise 1, a strength exercise.'],
    [{ instructions: ['  ', ''], category: 'olympic weightlifting' }, 'Exercise 1, an olympic weightlifting exercise.'],
  ])('%j makes a sentence of its own', (facts, description) => {
    expect(toExercise(published(1, facts)).description).toBe(description);
  });

  test('a muscle that is named twice counts once, as primary', () => {
    const { muscles } = toExercise(
      published(1, { primaryMuscles: ['biceps', 'biceps'], secondaryMuscles: ['biceps', 'lats', 'lats', 'traps'] }),
    );
    expect(muscles.map(({ muscle, intensity }) => [muscle, intensity])).toEqual([
      ['biceps', 1],
      ['lats', 0.6],
      ['traps', 0.5],
    ]);
  });
});

test.each([
  ['3/4 Sit-Up', '3-4-sit-up'],
  ['Übung für Zwei!', 'ubung-fur-zwei'],
  ['Push-Up (wide) ', 'push-up-wide'],
  ['腕立て', 'exercise'],
])('the slug of %s is %s', (name, slug) => expect(slugOf(name)).toBe(slug));
