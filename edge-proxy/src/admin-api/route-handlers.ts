import { identityOf } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import { ProblemError, parseInput } from '@fit/service-kit/problem';
import type { Request, RequestHandler, Response } from 'express';
import type { ChangeResult, ChangeWeight, WeightChange } from '../control-plane/change-weight.ts';
import type { ConfiguredRoute, ConfiguredRouting } from '../control-plane/configured-route.ts';
import type { RouteState } from '../domain/route-state.ts';
import { NOBODY, weightFromPercent, weightToPercent } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import { logChange } from './admin-log.ts';
import { changedRouteView, routeView, routingView } from './route-view.ts';
import { entityTag, ifMatchSchema, rollbackRequestSchema, weightRequestSchema } from './schemas.ts';

export type RouteHandlerOptions = {
  routing: ConfiguredRouting;
  /** What is in force; only read. */
  holder: Pick<SnapshotHolder, 'current'>;
  changeWeight: ChangeWeight;
  logger: Logger;
};

type RouteHandlers = Record<'routing' | 'list' | 'get' | 'putWeight' | 'postRollback', RequestHandler>;

/** What the admin API does for each of its operations, behind authentication and the body's parser. */
export function createRouteHandlers({ routing, holder, changeWeight, logger }: RouteHandlerOptions): RouteHandlers {
  const { routes } = routing;
  const byName = new Map(routes.map((route) => [route.name, route]));

  return {
    routing: (_req, res) => {
      res.json(routingView(routing, stateOf));
    },

    list: (_req, res) => {
      res.json({ routes: routes.map((route) => routeView(route, stateOf(route))) });
    },

    get: (req, res) => {
      const route = routeOf(req);
      const state = stateOf(route);
      res.set('etag', entityTag(state.revision)).json(routeView(route, state));
    },

    putWeight: async (req, res) => {
      const route = routeOf(req);
      const expected = expectedRevision(req);
      const { weight, reason } = parseInput(weightRequestSchema, req.body, 'body');
      await change(route, { weight: weightFromPercent(weight), expected, reason }, res);
    },

    postRollback: async (req, res) => {
      const route = routeOf(req);
      const { reason } = parseInput(rollbackRequestSchema, req.body, 'body');
      await change(route, { weight: NOBODY, expected: 'any', reason }, res);
    },
  };

  async function change(
    route: ConfiguredRoute,
    wanted: Pick<WeightChange, 'weight' | 'expected' | 'reason'>,
    res: Response,
  ): Promise<void> {
    const result = await changeWeight({ ...wanted, route: route.name, changedBy: identityOf(res).subject });
    if (result.kind !== 'changed') throw refusal(result, route.name);
    const changed = changedRouteView(route, result.before, result.after);
    logChange(logger, res, changed);
    res.set('etag', entityTag(changed.revision)).json(changed);
  }

  function routeOf(req: Request): ConfiguredRoute {
    const name = String(req.params['route']);
    const route = byName.get(name);
    if (!route) throw unknownRoute(name);
    return route;
  }

  function stateOf({ name }: ConfiguredRoute): RouteState {
    const state = holder.current.get(name);
    if (!state) throw new ProblemError('not-ready', `Route ${name} has no state yet`);
    return state;
  }
}

function expectedRevision(req: Request): Revision {
  const ifMatch = req.get('if-match');
  if (ifMatch === undefined) {
    throw new ProblemError(
      'revision-required',
      'A change needs If-Match with the revision that it follows, as ETag of the route has it',
    );
  }
  return parseInput(ifMatchSchema, ifMatch, 'If-Match');
}

function refusal(result: Exclude<ChangeResult, { kind: 'changed' }>, route: string): ProblemError {
  if (result.kind === 'unknown-route') return unknownRoute(route);
  if (result.kind === 'conflict') return conflict(result.current);
  return new ProblemError('store-unavailable', 'The change could not be stored; nothing has changed', {
    cause: result.cause,
  });
}

function conflict({ route, revision, weight, changedBy }: RouteState): ProblemError {
  const percent = weightToPercent(weight);
  return new ProblemError(
    'revision-conflict',
    `Route ${route} is at revision ${revision} (${percent} %, by ${changedBy}), not the one in If-Match`,
    {
      extensions: { current_revision: revision, current_weight: percent },
      headers: { etag: entityTag(revision) },
    },
  );
}

function unknownRoute(name: string): ProblemError {
  return new ProblemError('not-found', `There is no route ${JSON.stringify(name.slice(0, 100))}`);
}
