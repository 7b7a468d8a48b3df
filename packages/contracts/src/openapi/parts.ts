import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ZodType } from 'zod';
import { problemSchema } from '../problem.ts';
import { workoutOfTheDaySchema } from '../workout-of-the-day.ts';

/** Pieces that the documents of several services share. */

export const JSON_TYPE = 'application/json';
export const PROBLEM_TYPE = 'application/problem+json';

export const BEARER = { bearer: [] };
export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'RS256, from POST /auth/login' },
} as const;

export function json(description: string, schema: ZodType): ZodOpenApiResponseObject {
  return { description, content: { [JSON_TYPE]: { schema } } };
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'A field is wrong',
  401: 'No valid token; carries WWW-Authenticate',
  403: 'The token lacks a role',
  404: 'Not found',
  405: 'Wrong method; carries Allow',
  409: 'Conflict',
  412: 'The revision is not the current one',
  413: 'The body is too large',
  415: 'The body must be application/json',
  421: 'The Host header names another host',
  422: 'Understood, but not possible',
  428: 'If-Match is missing',
  429: 'Too many attempts; carries Retry-After',
  502: 'A dependency answered wrongly',
  503: 'Overloaded or a dependency is down; carries Retry-After',
};

/** Problem responses by status. */
export function problems(...statuses: number[]): ZodOpenApiResponsesObject {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { description: DESCRIPTIONS[status] ?? 'Problem', content: { [PROBLEM_TYPE]: { schema: problemSchema } } },
    ]),
  );
}

/** GET /fitness/wod, word for word the same on both sides. */
export const workoutOfTheDayOperation: ZodOpenApiOperationObject = {
  operationId: 'getWorkoutOfTheDay',
  summary: 'Six exercises for today, none twice, none from yesterday',
  security: [BEARER],
  responses: {
    '200': json('The workout of the day', workoutOfTheDaySchema),
    ...problems(401, 405, 409, 502, 503),
  },
};
