import { describe, expect, test } from '@jest/globals';
import type { SuggestedExercise } from '@fit/contracts/workout-of-the-day';
import { ExerciseFacts } from './exercise-facts.ts';
import { HOLDS_MS, MOST_CHARACTERS, MOST_MEMBER_CHARACTERS, RememberedExercises } from './remembered-exercises.ts';

const GROUP = { id: 1, name: 'chest', body_part: 'chest', is_primary: true, intensity: 1 } as const;

const exercise = (id: number, more: Partial<SuggestedExercise> = {}): SuggestedExercise => ({
  id,
  name: 'push-up',
  description: '',
  difficulty: 2,
  muscle_groups: [GROUP],
  suggested_weight: 0,
  suggested_reps: 10,
  ...more,
});

const long = (end: string) => `${'x'.repeat(50_000)}${end}`;

describe('what a side said', () => {
  test('takes bounded room, however long it is', () => {
    const said = new RememberedExercises();
    for (let id = 1; id <= 300; id++) {
      const muscle_groups = Array.from({ length: 1000 }, (_, at) => ({ ...GROUP, id: at + 1 }));
      said.remember(exercise(id, { name: long('n'), description: long('d'), muscle_groups }), 0);
    }
    expect(said.size.words).toBe(300);
    expect(said.size.characters).toBeLessThan(300 * 1500);
  });

  test('takes bounded room, however much there is of it', () => {
    const said = new RememberedExercises();
    const description = 'x'.repeat(MOST_MEMBER_CHARACTERS);
    for (let id = 1; id <= 6000; id++) {
      said.remember(exercise(id, { description }), 0);
      expect(said.size.characters).toBeLessThanOrEqual(MOST_CHARACTERS);
    }
    expect(said.size.exercises).toBe(5000);
    expect(said.size.words).toBeGreaterThan(900);
    expect(said.wordsOf(6000, 0)).toMatchObject({ id: 6000, description });
    expect(said.wordsOf(3000, 0)).toBeUndefined();
    expect(said.get(3000)).toMatchObject({ at: 0 });
    expect(said.get(1000)).toBeUndefined();
  });

  test('is dropped after its time, all but a digest', () => {
    const said = new RememberedExercises();
    for (let id = 1; id <= 100; id++) said.remember(exercise(id), id);
    said.remember(exercise(1, { name: 'pull-up' }), 50);
    const { characters } = said.size;
    said.remember(exercise(101), HOLDS_MS + 101);
    expect(said.size).toEqual({ exercises: 101, words: 1, characters: expect.any(Number) });
    expect(said.size.characters).toBeLessThan(characters / 50);
    expect(said.get(1)).toMatchObject({ at: 50, changedAt: 50, digestBefore: expect.any(String) });
  });
});

test.each<[string, Partial<SuggestedExercise>, Partial<SuggestedExercise>, string[]]>([
  ['long texts that differ at their ends', { description: long('a') }, { description: long('b') }, ['description']],
  ['the same long texts', { description: long('a') }, { description: long('a') }, []],
  ['a long text and a short one', { description: long('a') }, { description: 'x' }, ['description']],
  [
    'many groups in another order',
    { muscle_groups: Array.from({ length: 100 }, (_, at) => ({ ...GROUP, id: at + 1 })) },
    { muscle_groups: Array.from({ length: 100 }, (_, at) => ({ ...GROUP, id: 100 - at })) },
    [],
  ],
])('%s are compared whole', (_what, old, fresh, fields) => {
  const facts = new ExerciseFacts({ headers: [], ignore: [], tolerance: {} });
  const differences = facts.compare({ old: [exercise(1, old)], new: [exercise(1, fresh)] }, 0);
  expect(differences.map(({ field }) => field)).toEqual(fields.map((name) => `body.exercises[].${name}`));
});
