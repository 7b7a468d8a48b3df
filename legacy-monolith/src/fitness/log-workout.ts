import { CLOCK_TOLERANCE_SECONDS } from '@fit/contracts/auth';
import type { LogWorkout, LoggedWorkout } from '@fit/contracts/history';
import type { FieldError } from '@fit/contracts/problem';
import { ProblemError } from '@fit/service-kit/problem';
import type { ProblemType } from '@fit/service-kit/problem';
import { noSuchAccount } from '../auth/caller.ts';
import { FOREIGN_KEY_VIOLATION, sqlStateOf } from '../db/failures.ts';
import type { Database } from '../db/schema.ts';
import { once } from './idempotency.ts';
import { announceWorkout } from './workout-feed.ts';
import { EARLIEST_WORKOUT, insertWorkout, unknownExercises } from './workout-store.ts';

export type LogWorkoutRequest = {
  userId: string;
  workout: LogWorkout;
  idempotencyKey: string | undefined;
  now: Date;
};

/**
 * A use case: writes down what a person completed, all of it or nothing, and announces it.
 *
 * Errors: 400 when it was performed in the future, 422 for exercises that do not exist or a key of another body.
 */
export async function logWorkout(db: Database, request: LogWorkoutRequest): Promise<LoggedWorkout> {
  const { userId, workout, idempotencyKey, now } = request;
  const performedAt = performedAtOf(workout, now);
  try {
    return await db.transaction().execute(async (trx) => {
      const make = async () => {
        await assertKnown(trx, workout);
        const logged = await insertWorkout(trx, { userId, performedAt, exercises: workout.exercises });
        await announceWorkout(trx, userId, logged);
        return logged;
      };
      if (idempotencyKey === undefined) return await make();
      return await once(trx, { userId, key: idempotencyKey, request: workout, make });
    });
  } catch (error) {
    // The exercises were looked up, so what is missing is the account.
    throw sqlStateOf(error) === FOREIGN_KEY_VIOLATION ? noSuchAccount() : error;
  }
}

function performedAtOf({ performed_at }: LogWorkout, now: Date): Date {
  if (performed_at === undefined) return now;
  const performedAt = new Date(performed_at);
  if (performedAt.getTime() > now.getTime() + CLOCK_TOLERANCE_SECONDS * 1000) {
    throw wrongFields('validation-failed', [
      { field: 'performed_at', rule: 'must not be in the future', value: performed_at },
    ]);
  }
  if (performedAt < EARLIEST_WORKOUT) {
    const rule = `must not be before ${EARLIEST_WORKOUT.toISOString()}`;
    throw wrongFields('validation-failed', [{ field: 'performed_at', rule, value: performed_at }]);
  }
  return performedAt;
}

async function assertKnown(db: Database, { exercises }: LogWorkout): Promise<void> {
  const unknown = await unknownExercises(
    db,
    exercises.map(({ exercise_id }) => exercise_id),
  );
  if (unknown.size === 0) return;
  const errors = exercises.flatMap(({ exercise_id: value }, index) =>
    unknown.has(value) ? [{ field: `exercises.${index}.exercise_id`, rule: 'there is no such exercise', value }] : [],
  );
  throw wrongFields('unknown-exercise', errors);
}

function wrongFields(type: ProblemType, errors: FieldError[]): ProblemError {
  const detail = errors
    .map(({ field, rule, value }) => `${field}: ${rule} (received ${JSON.stringify(value)})`)
    .join('; ');
  return new ProblemError(type, `The workout: ${detail}`, { extensions: { errors } });
}
