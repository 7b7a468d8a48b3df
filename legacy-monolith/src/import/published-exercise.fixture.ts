import type { PublishedExercise } from './published-exercise.ts';

/** A record in the published shape. */
export function published(number: number, facts: Partial<PublishedExercise> = {}): PublishedExercise {
  return {
    id: `Exercise_${number}`,
    name: `Exercise ${number}`,
    force: 'pull',
    level: 'beginner',
    mechanic: null,
    equipment: 'dumbbell',
    primaryMuscles: ['biceps'],
    secondaryMuscles: ['forearms'],
    instructions: ['Lift.', 'Lower.'],
    category: 'strength',
    images: [`Exercise_${number}/0.jpg`],
    ...facts,
  };
}
