import type { CalendarDate, DayBounds } from '@fit/contracts/calendar';
import { dayBounds } from '@fit/contracts/calendar';
import type { LogWorkout, LoggedWorkout } from '@fit/contracts/history';
import { sql } from 'kysely';
import type { Database } from '../db/schema.ts';

export type NewWorkout = { userId: string; performedAt: Date; exercises: LogWorkout['exercises'] };

/** No workout is older. (A fitness app of today; and it keeps years that the drivers cannot write out of queries.) */
export const EARLIEST_WORKOUT = new Date('1970-01-02T00:00:00Z');

/** Those of the ids that are no exercise. */
export async function unknownExercises(db: Database, ids: readonly number[]): Promise<Set<number>> {
  const known = await db
    .selectFrom('exercises')
    .select('id')
    .where('id', 'in', [...new Set(ids)])
    .execute();
  const knownIds = new Set(known.map(({ id }) => id));
  return new Set(ids.filter((id) => !knownIds.has(id)));
}

/** Writes a workout; to be called in a transaction. */
export async function insertWorkout(db: Database, workout: NewWorkout): Promise<LoggedWorkout> {
  const { id } = await db
    .insertInto('workouts')
    .values({ user_id: workout.userId, performed_at: workout.performedAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('workout_exercises')
    .values(
      workout.exercises.map(({ exercise_id, sets, reps, weight }, position) => ({
        workout_id: id,
        position,
        exercise_id,
        sets,
        reps,
        weight_kg: weight,
      })),
    )
    .execute();
  return { id, performed_at: workout.performedAt.toISOString(), exercises: workout.exercises };
}

/** Ids of the exercises that a user completed on a calendar day of a time zone, each once, ascending. */
export async function exercisesOn(
  db: Database,
  userId: string,
  day: { date: CalendarDate; timeZone: string },
): Promise<number[]> {
  if (!canHaveWorkouts(day.date)) return [];
  const rows = await completedWithin(db, userId, dayBounds(day.date, day.timeZone))
    .select('done.exercise_id')
    .distinct()
    .orderBy('done.exercise_id')
    .execute();
  return rows.map((row) => row.exercise_id);
}

/**
 * Draws `size` exercises uniformly at random without replacement from those that the user did not complete within an
 * interval. PostgreSQL's `random()` gives each row its own key, so every order of the rows is equally likely.
 *
 * @returns fewer ids if there are not as many; `available` counts all that could be drawn
 */
export async function drawExercises(
  db: Database,
  draw: { userId: string; notWithin: DayBounds; size: number },
): Promise<{ ids: number[]; available: number }> {
  const rows = await db
    .selectFrom('exercises')
    .select(['id', sql<number>`(count(*) over ())::integer`.as('available')])
    .where('id', 'not in', completedWithin(db, draw.userId, draw.notWithin).select('done.exercise_id'))
    .orderBy(sql`random()`)
    .limit(draw.size)
    .execute();
  return { ids: rows.map(({ id }) => id), available: rows[0]?.available ?? 0 };
}

/** A range of instants, so that the index on (user_id, performed_at) answers it. */
function completedWithin(db: Database, userId: string, { from, to }: DayBounds) {
  return db
    .selectFrom('workouts')
    .innerJoin('workout_exercises as done', 'done.workout_id', 'workouts.id')
    .where('workouts.user_id', '=', userId)
    .where('workouts.performed_at', '>=', from)
    .where('workouts.performed_at', '<', to);
}

function canHaveWorkouts(date: CalendarDate): boolean {
  const year = Number(date.slice(0, 4));
  return year >= EARLIEST_WORKOUT.getUTCFullYear() && year < 9999;
}
