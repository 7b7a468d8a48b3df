import { ProblemError, parseInput } from '@fit/service-kit/problem';
import { addRoute } from '@fit/service-kit/service-app';
import type { Express, RequestHandler } from 'express';
import { z } from 'zod';
import type { Database } from '../db/schema.ts';
import type { CatalogueCache } from './catalogue-cache.ts';
import { readMuscleGroups } from './exercise-store.ts';
import { matchesEntityTag } from './if-none-match.ts';

export type ExerciseContext = {
  db: Database;
  catalogue: CatalogueCache;
  /** Lets only a person's token pass. */
  person: RequestHandler[];
};

const CACHE_CONTROL = 'private, max-age=60';
const MAX_ID = 2_147_483_647;
const RULE = `must be a whole number from 1 to ${MAX_ID}`;

const pathSchema = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,9}$/, RULE)
    .transform(Number)
    .refine((id) => id <= MAX_ID, RULE),
});

/** `/exercises`, `/exercises/{id}` and `/muscle-groups`. */
export function addExerciseRoutes(app: Express, { db, catalogue, person }: ExerciseContext): void {
  addRoute(app, '/exercises', { GET: [...person, listExercises(catalogue)] });
  addRoute(app, '/exercises/:id', { GET: [...person, getExercise(catalogue)] });
  addRoute(app, '/muscle-groups', {
    GET: [
      ...person,
      async (_req, res) => {
        res.set('cache-control', CACHE_CONTROL).json({ muscle_groups: await readMuscleGroups(db) });
      },
    ],
  });
}

function listExercises(catalogue: CatalogueCache): RequestHandler {
  return async (req, res) => {
    const { body, etag } = await catalogue.current();
    res.set({ etag, 'cache-control': CACHE_CONTROL, vary: 'authorization' });
    if (matchesEntityTag(req.get('if-none-match'), etag)) return void res.status(304).end();
    res.type('application/json').send(body);
  };
}

function getExercise(catalogue: CatalogueCache): RequestHandler {
  return async (req, res) => {
    const { id } = parseInput(pathSchema, req.params, 'The path');
    const exercise = (await catalogue.current()).byId.get(id);
    if (!exercise) throw new ProblemError('not-found', `There is no exercise ${id}`);
    res.set('cache-control', CACHE_CONTROL).json(exercise);
  };
}
