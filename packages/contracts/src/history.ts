import { z } from 'zod';

/** GET /fitness/history?date=YYYY-MM-DD */
export const historyQuerySchema = z.strictObject({
  date: z.iso.date('must be a calendar date, YYYY-MM-DD'),
});

/** The caller's exercises of one day in the caller's time zone, each id once, ascending. */
export const historySchema = z
  .strictObject({ date: z.iso.date(), exercise_ids: z.array(z.int().positive()) })
  .meta({ id: 'History' });
export type History = z.infer<typeof historySchema>;

/** POST /fitness/workouts: exercises that the caller completed. */
export const logWorkoutSchema = z
  .strictObject({
    performed_at: z.iso.datetime({ offset: true }).optional().describe('RFC 3339; now if absent, never in the future'),
    exercises: z
      .array(
        z.strictObject({
          exercise_id: z.int().positive().max(2_147_483_647),
          sets: z.int().min(1).max(100).default(1),
          reps: z.int().min(1).max(1000),
          weight: z.number().min(0).max(1000).default(0).describe('kg'),
        }),
      )
      .min(1)
      .max(50),
  })
  .meta({ id: 'LogWorkout' });
export type LogWorkout = z.output<typeof logWorkoutSchema>;

/** POST /fitness/workouts → 201, and one message of GET /fitness/live. */
export const loggedWorkoutSchema = z
  .strictObject({
    id: z.int().positive(),
    performed_at: z.iso.datetime(),
    exercises: z.array(
      z.strictObject({
        exercise_id: z.int().positive(),
        sets: z.int(),
        reps: z.int(),
        weight: z.number(),
      }),
    ),
  })
  .meta({ id: 'LoggedWorkout' });
export type LoggedWorkout = z.infer<typeof loggedWorkoutSchema>;
