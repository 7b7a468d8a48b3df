import { historyQuerySchema, logWorkoutSchema } from '@fit/contracts/history';
import { countCallers } from '@fit/service-kit/count-callers';
import { jsonBody } from '@fit/service-kit/json-body';
import { ProblemError, parseInput } from '@fit/service-kit/problem';
import { addRoute } from '@fit/service-kit/service-app';
import type { Express, RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import { callerOf } from '../auth/caller.ts';
import { generateWorkout } from './generate-workout.ts';
import type { GeneratorContext } from './generate-workout.ts';
import type { GeneratorPool } from './generator-pool.ts';
import { parseIdempotencyKey } from './idempotency.ts';
import { logWorkout } from './log-workout.ts';
import { exercisesOn } from './workout-store.ts';

const MAX_BODY_BYTES = 65_536;

export type FitnessContext = GeneratorContext & {
  pool: GeneratorPool;
  /** Lets only a person's token pass. */
  person: RequestHandler[];
  registry: Registry;
};

/** `/fitness/workouts`, `/fitness/history`, `/fitness/wod`; and what a plain GET of `/fitness/live` gets. */
export function addFitnessRoutes(app: Express, context: FitnessContext): void {
  const { person, registry } = context;
  addRoute(app, '/fitness/workouts', { POST: [...person, ...jsonBody(MAX_BODY_BYTES), postWorkout(context)] });
  addRoute(app, '/fitness/history', { GET: [...person, getHistory(context)] });
  addRoute(app, '/fitness/wod', { GET: [countCallers(registry), ...person, getWorkoutOfTheDay(context)] });
  addRoute(app, '/fitness/live', { GET: [upgradeRequired] });
}

function postWorkout({ db, now }: FitnessContext): RequestHandler {
  return async (req, res) => {
    const logged = await logWorkout(db, {
      userId: callerOf(res).userId,
      idempotencyKey: parseIdempotencyKey(req.get('idempotency-key')),
      workout: parseInput(logWorkoutSchema, req.body, 'The workout'),
      now: now(),
    });
    res.status(201).set('cache-control', 'no-store').json(logged);
  };
}

function getHistory({ db }: FitnessContext): RequestHandler {
  return async (req, res) => {
    const { userId, timeZone } = callerOf(res);
    const { date } = parseInput(historyQuerySchema, req.query, 'The query');
    const exercise_ids = await exercisesOn(db, userId, { date, timeZone });
    res.set('cache-control', 'no-store').json({ date, exercise_ids });
  };
}

function getWorkoutOfTheDay(context: FitnessContext): RequestHandler {
  return async (_req, res) => {
    const caller = callerOf(res);
    const client = new AbortController();
    res.once('close', () => client.abort());
    try {
      const workout = await context.pool.run(client.signal, () => generateWorkout(context, caller));
      res.set('cache-control', 'no-store').json(workout);
    } catch (error) {
      if (!client.signal.aborted) throw error;
    }
  };
}

/** RFC 9110, 15.5.22. */
const upgradeRequired: RequestHandler = () => {
  throw new ProblemError('upgrade-required', 'Live updates come by WebSocket', {
    headers: { upgrade: 'websocket', connection: 'Upgrade' },
  });
};
