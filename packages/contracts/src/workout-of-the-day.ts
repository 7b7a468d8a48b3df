import { z } from 'zod';
import type { Exercise } from './catalogue.ts';
import { workedMuscleGroupSchema } from './muscle-groups.ts';
import { suggestedReps, suggestedWeightKg } from './prescription.ts';

/** How many exercises a workout of the day has, on both sides. */
export const WORKOUT_SIZE = 6;

export const suggestedExerciseSchema = z
  .strictObject({
    id: z.int().positive(),
    name: z.string().min(1),
    description: z.string(),
    difficulty: z.int().min(1).max(5),
    muscle_groups: z.array(workedMuscleGroupSchema).min(1),
    suggested_weight: z.number().min(0).describe('kg'),
    suggested_reps: z.int().min(1),
  })
  .meta({ id: 'SuggestedExercise' });
export type SuggestedExercise = z.infer<typeof suggestedExerciseSchema>;

/** GET /fitness/wod → 200, identical from monolith and coach. */
export const workoutOfTheDaySchema = z
  .strictObject({
    exercises: z.array(suggestedExerciseSchema).length(WORKOUT_SIZE),
    generated_at: z.iso.datetime().describe('RFC 3339, UTC'),
  })
  .meta({ id: 'WorkoutOfTheDay' });
export type WorkoutOfTheDay = z.infer<typeof workoutOfTheDaySchema>;

/** An exercise of the catalogue as the workout of the day shows it. */
export function suggest(exercise: Exercise): SuggestedExercise {
  const { id, name, description, difficulty, muscle_groups } = exercise;
  return {
    id,
    name,
    description,
    difficulty,
    muscle_groups,
    suggested_weight: suggestedWeightKg(exercise.base_weight, difficulty),
    suggested_reps: suggestedReps(exercise.base_reps, difficulty),
  };
}
