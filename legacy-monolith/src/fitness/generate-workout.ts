import { dayBounds, yesterdayIn } from '@fit/contracts/calendar';
import { WORKOUT_SIZE, suggest } from '@fit/contracts/workout-of-the-day';
import type { WorkoutOfTheDay } from '@fit/contracts/workout-of-the-day';
import { ProblemError } from '@fit/service-kit/problem';
import type { Caller } from '../auth/caller.ts';
import type { Database } from '../db/schema.ts';
import type { CatalogueCache } from '../exercises/catalogue-cache.ts';
import { drawExercises } from './workout-store.ts';

export type GeneratorContext = { db: Database; catalogue: CatalogueCache; now: () => Date };

/**
 * The old generator: six exercises that the caller did not complete yesterday, in the caller's time zone.
 *
 * Errors: 409 `not-enough-exercises` with the counts.
 */
export async function generateWorkout(context: GeneratorContext, caller: Caller): Promise<WorkoutOfTheDay> {
  const now = context.now();
  const yesterday = dayBounds(yesterdayIn(caller.timeZone, now), caller.timeZone);
  const { ids, available } = await drawExercises(context.db, {
    userId: caller.userId,
    notWithin: yesterday,
    size: WORKOUT_SIZE,
  });
  if (available < WORKOUT_SIZE) throw notEnough(available);
  // Looked up after the draw: exercises are never deleted, so every drawn id is in it.
  const { byId } = await context.catalogue.current();
  return { exercises: ids.map((id) => suggest(byId.get(id)!)), generated_at: now.toISOString() };
}

function notEnough(available: number): ProblemError {
  return new ProblemError(
    'not-enough-exercises',
    `A workout needs ${WORKOUT_SIZE} exercises that were not done yesterday; there are ${available}`,
    { extensions: { required: WORKOUT_SIZE, available } },
  );
}
