import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import { jwksSchema, loginSchema, registerSchema, registeredSchema, tokenSchema } from '../auth.ts';
import { catalogueSchema, exerciseSchema } from '../catalogue.ts';
import { historyQuerySchema, historySchema, logWorkoutSchema, loggedWorkoutSchema } from '../history.ts';
import { muscleGroupListSchema } from '../muscle-groups.ts';
import { BEARER, JSON_TYPE, json, problems, securitySchemes, workoutOfTheDayOperation } from './parts.ts';

const notModified = { '304': { description: 'If-None-Match names the current ETag' } };

/** OpenAPI document of the legacy monolith. */
export const legacyMonolithDocument = createDocument({
  openapi: '3.1.0',
  info: { title: 'Legacy monolith', version: '1.0.0' },
  paths: {
    '/auth/register': {
      post: {
        operationId: 'register',
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: registerSchema } } },
        responses: { '201': json('The account', registeredSchema), ...problems(400, 405, 409, 413, 415, 429, 503) },
      },
    },
    '/auth/login': {
      post: {
        operationId: 'login',
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: loginSchema } } },
        responses: { '200': json('A token', tokenSchema), ...problems(400, 401, 403, 405, 413, 415, 429, 503) },
      },
    },
    '/.well-known/jwks.json': {
      get: {
        operationId: 'getKeySet',
        responses: { '200': json('The keys that verify tokens', jwksSchema), ...problems(405) },
      },
    },
    '/exercises': {
      get: {
        operationId: 'listExercises',
        security: [BEARER],
        responses: {
          '200': json('The whole catalogue; ETag', catalogueSchema),
          ...notModified,
          ...problems(401, 405, 503),
        },
      },
    },
    '/exercises/{id}': {
      get: {
        operationId: 'getExercise',
        security: [BEARER],
        requestParams: { path: z.object({ id: z.int().positive() }) },
        responses: { '200': json('One exercise', exerciseSchema), ...problems(400, 401, 404, 405, 503) },
      },
    },
    '/muscle-groups': {
      get: {
        operationId: 'listMuscleGroups',
        security: [BEARER],
        responses: { '200': json('All muscle groups', muscleGroupListSchema), ...problems(401, 405, 503) },
      },
    },
    '/fitness/workouts': {
      post: {
        operationId: 'logWorkout',
        security: [BEARER],
        requestParams: { header: z.object({ 'Idempotency-Key': z.string().min(1).max(255).optional() }) },
        requestBody: { required: true, content: { [JSON_TYPE]: { schema: logWorkoutSchema } } },
        responses: {
          '201': json('The workout; the same again for a repeated key', loggedWorkoutSchema),
          ...problems(400, 401, 405, 413, 415, 422, 503),
        },
      },
    },
    '/fitness/history': {
      get: {
        operationId: 'getHistory',
        security: [BEARER],
        requestParams: { query: historyQuerySchema },
        responses: {
          '200': json("The caller's exercises of that day", historySchema),
          ...problems(400, 401, 405, 503),
        },
      },
    },
    '/fitness/wod': { get: workoutOfTheDayOperation },
  },
  components: { securitySchemes },
});
