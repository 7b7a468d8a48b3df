import { EDGE_TIMEOUT } from '@fit/contracts/headers';
import type { NotEnoughExercises } from '@fit/contracts/problem';
import { WORKOUT_SIZE } from '@fit/contracts/workout-of-the-day';
import { identityOf } from '@fit/service-kit/authenticate';
import { ProblemError } from '@fit/service-kit/problem';
import type { Request, RequestHandler, Response } from 'express';
import { openCallScope } from '../legacy/call-scope.ts';
import { callerOf } from '../legacy/caller.ts';
import { problemOf } from '../legacy/legacy-failure.ts';
import type { CoachMetrics } from '../telemetry/coach-metrics.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { makeWorkout } from './make-workout.ts';
import type { WorkoutDependencies, WorkoutOutcome } from './make-workout.ts';

export type WorkoutRouteOptions = {
  dependencies: WorkoutDependencies;
  limit: ConcurrencyLimit;
  metrics: CoachMetrics;
  /** What a person waits for the monolith at most. */
  timeoutMs: number;
};

/** GET /fitness/wod, after `authenticate`. */
export function workoutRoute(options: WorkoutRouteOptions): RequestHandler {
  const { limit, metrics } = options;
  return async (req, res) => {
    if (identityOf(res).unknownTimeZone) metrics.unknownTimeZone();
    if (!limit.tryEnter()) {
      metrics.workoutRejected();
      throw new ProblemError('overloaded', 'As many workouts are being made as may be at once');
    }
    try {
      const outcome = await workoutFor(req, res, options);
      metrics.workoutEnded(outcome);
      answer(res, outcome);
    } finally {
      limit.leave();
    }
  };
}

async function workoutFor(
  req: Request,
  res: Response,
  { dependencies, timeoutMs }: WorkoutRouteOptions,
): Promise<WorkoutOutcome> {
  const scope = openCallScope({ timeoutMs: Math.min(timeoutMs, patienceOf(req)), client: res });
  try {
    const { timeZone } = identityOf(res);
    return await makeWorkout(dependencies, { timeZone, caller: callerOf(req, res), scope });
  } finally {
    scope.close();
  }
}

/** How long whoever asks will wait, where it says so; an answer after that is of use to nobody. */
function patienceOf({ headers }: Request): number {
  const said = headers[EDGE_TIMEOUT];
  return typeof said === 'string' && /^[1-9]\d{0,6}$/.test(said) ? Number(said) : Infinity;
}

function answer(res: Response, outcome: WorkoutOutcome): void {
  if (outcome.kind === 'drawn') {
    sendWorkout(res, outcome.json);
    return;
  }
  throw outcome.kind === 'not-enough' ? notEnoughExercises(outcome.available) : problemOf(outcome);
}

/** Head and body in one write; `res.send` would parse the type and copy the body. */
function sendWorkout(res: Response, json: string): void {
  res
    .writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(json),
      'cache-control': 'no-store',
    })
    .end(json);
}

function notEnoughExercises(available: number): ProblemError {
  const extensions: NotEnoughExercises = { required: WORKOUT_SIZE, available };
  const detail = `A workout needs ${WORKOUT_SIZE} exercises that were not completed yesterday; there are ${available}`;
  return new ProblemError('not-enough-exercises', detail, { extensions });
}
