import { JSON_TYPE, PROBLEM_TYPE, json, problems } from '@fit/contracts/openapi/parts';
import { problemSchema } from '@fit/contracts/problem';
import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { revisionConflictSchema, stateEventSchema } from './schemas.ts';

export const BASE = '/admin/v1';

const conflictSchema = problemSchema.extend(revisionConflictSchema.shape).meta({ id: 'RevisionConflict' });

/** The OpenAPI 3.1 document of the admin API. */
export function createAdminDocument() {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Admin API of the edge proxy',
      version: '1.0.0',
      description:
        'Moves the users of a route between its two sides. Every change has an actor, a reason and a revision.',
    },
    paths: paths(),
    components: {
      schemas: { StateEvent: stateEventComponent() },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: "A token of the monolith for edge-admin, or the edge's local admin token",
        },
      },
    },
  });
}

/** Events are no body of their own, so that only this refers to their schema. What has an id is a component already. */
function stateEventComponent(): Record<string, unknown> {
  const { $defs = {} } = z.toJSONSchema(stateEventSchema);
  return JSON.parse(JSON.stringify($defs['StateEvent']).replaceAll('#/$defs/', '#/components/schemas/')) as Record<
    string,
    unknown
  >;
}

function paths(): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = (paths[`${BASE}${operation.path}`] ??= {});
    path[operation.method.toLowerCase()] = documented(id, operation);
  }
  return paths;
}

function documented(operationId: string, operation: Operation): ZodOpenApiOperationObject {
  const { summary, who, query, body, answer } = operation;
  const { path, header } = requestSchemas(operation);
  return {
    operationId,
    summary,
    ...(who !== 'anyone' && { security: [{ bearer: [] }] }),
    requestParams: { ...(path && { path }), ...(query && { query }), ...(header && { header }) },
    ...(body && { requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } } }),
    responses: { [String(answer.status)]: answered(answer), ...refused(operation) },
  };
}

function requestSchemas({ path, followsRevision }: Operation) {
  return {
    path: path.includes('{route}') ? z.object({ route: z.string().describe('its name') }) : undefined,
    header: followsRevision
      ? z.object({ 'If-Match': z.string().describe('the revision that the change follows, as ETag has it: `"3"`') })
      : undefined,
  };
}

function answered({ description, schema, mediaType, hasRevision }: Operation['answer']) {
  if (mediaType) return { description, content: { [mediaType]: { schema } } };
  const headers = { ETag: { description: 'The revision', schema: { type: 'string' } } } as const;
  return { ...json(description, schema), ...(hasRevision && { headers }) };
}

/** Whatever an operation checks can be refused. */
function refused({ path, who, query, body, followsRevision, refusals = [] }: Operation): ZodOpenApiResponsesObject {
  const hasInput = Boolean(query ?? body ?? path.includes('{route}'));
  const statuses = new Set([
    ...(hasInput ? [400] : []),
    ...(who === 'anyone' ? [] : [401, 429, 503]),
    403,
    ...(path.includes('{route}') ? [404] : []),
    405,
    ...(followsRevision ? [412, 428] : []),
    ...(body ? [413, 415] : []),
    421,
    ...refusals,
  ]);
  return {
    ...problems(...[...statuses].sort((a, b) => a - b)),
    '403': problem(`Another site sends the request${who === 'anyone' ? '' : ', or the token lacks a role'}`),
    ...(statuses.has(412) && { '412': problem('The route is at another revision', conflictSchema) }),
  };
}

function problem(description: string, schema: z.ZodType = problemSchema) {
  return { description, content: { [PROBLEM_TYPE]: { schema } } };
}
