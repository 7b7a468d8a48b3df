import { ADMIN_ROLES } from '@fit/contracts/auth';
import { identityOf, requireRole } from '@fit/service-kit/authenticate';
import { jsonBody } from '@fit/service-kit/json-body';
import { ProblemError, parseInput } from '@fit/service-kit/problem';
import { addRoute } from '@fit/service-kit/service-app';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { ConfiguredRoute, ConfiguredRouting } from '../control-plane/configured-route.ts';
import type { Revision } from '../domain/weight.ts';
import { WRITING_ROLES } from './edge-handlers.ts';
import { BASE } from './openapi.ts';
import type { Handler, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import type { AdminHandlers } from './operations.ts';
import { unknownRoute } from './problems.ts';
import { entityTag, followingHeadersSchema } from './schemas.ts';

const MAX_BODY_BYTES = 16_384;

export type OperationRoutesOptions = {
  handlers: AdminHandlers;
  /** Keeps who asks, or refuses. */
  authenticated: readonly RequestHandler[];
  routing: () => ConfiguredRouting;
};

/** Makes the Express routes of all operations: everything that an operation names is checked before its handler runs. */
export function addOperations(app: Express, options: OperationRoutesOptions): void {
  for (const [path, operations] of byPath()) {
    const chains = operations.map(([id, operation]) => [operation.method, chainOf(id, operation, options)] as const);
    addRoute(app, `${BASE}${path.replace('{route}', ':route')}`, Object.fromEntries(chains));
  }
}

function byPath(): Map<string, [keyof AdminHandlers, Operation][]> {
  const all = Object.entries(OPERATIONS) as [keyof AdminHandlers, Operation][];
  return Map.groupBy(all, ([, { path }]) => path);
}

function chainOf(id: keyof AdminHandlers, operation: Operation, options: OperationRoutesOptions): RequestHandler[] {
  const { authenticated, handlers, routing } = options;
  const roles = operation.who === 'writer' ? WRITING_ROLES : ADMIN_ROLES;
  const guards = operation.who === 'anyone' ? [] : [...authenticated, requireRole(...roles)];
  const body = operation.body ? jsonBody(MAX_BODY_BYTES) : [];
  // The handler's own types are checked where it is written.
  return [...guards, ...body, run(operation, handlers[id], routing)];
}

function run(operation: Operation, handler: Handler<Operation>, routing: () => ConfiguredRouting): RequestHandler {
  return async (req, res) => {
    const asked = read(operation, { req, res, routing: routing() });
    const answer = await handler(asked as Parameters<typeof handler>[0]);
    if (!answer) return;
    if (answer.revision !== undefined) res.set('etag', entityTag(answer.revision));
    res.status(operation.answer.status).json(answer.body);
  };
}

/** In the order in which refusals are told: what is not there, then what it follows, then what is asked. */
function read(
  operation: Operation,
  { req, res, routing }: { req: Request; res: Response; routing: ConfiguredRouting },
) {
  const { path, query, body, followsRevision, who } = operation;
  return {
    route: path.includes('{route}') ? findRoute(routing, String(req.params['route'])) : undefined,
    expected: followsRevision ? expectedRevision(req) : undefined,
    query: query ? parseInput(query, req.query, 'query') : undefined,
    body: body ? parseInput(body, req.body, 'body') : undefined,
    caller: who === 'anyone' ? undefined : identityOf(res),
    res,
  };
}

function findRoute({ routes }: ConfiguredRouting, name: string): ConfiguredRoute {
  const route = routes.find((each) => each.name === name);
  if (!route) throw unknownRoute(name);
  return route;
}

function expectedRevision(req: Request): Revision {
  const ifMatch = req.get('if-match');
  if (ifMatch === undefined) {
    throw new ProblemError(
      'revision-required',
      'A change needs If-Match with the revision that it follows, as ETag of the route has it',
    );
  }
  return parseInput(followingHeadersSchema, { 'If-Match': ifMatch }, 'header')['If-Match'];
}
