import type { Identity } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import { ProblemError } from '@fit/service-kit/problem';
import type { Response } from 'express';
import type { ChangeResult } from '../control-plane/change-weight.ts';
import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightFromPercent } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import { actorOf } from './actor.ts';
import { logChange } from './admin-log.ts';
import { cohortView, previewView } from './cohort-view.ts';
import type { HandlersOf } from './operations.ts';
import { refusedChange } from './problems.ts';
import type { RouteViews } from './route-view.ts';
import type { ChangedRoute } from './schemas.ts';
import { trafficView } from './traffic-view.ts';

export type RouteHandlerOptions = { control: RouteControl; views: RouteViews; logger: Logger };

type RouteOperation =
  'listRoutes' | 'getRouting' | 'getRoute' | 'getTraffic' | 'getCohort' | 'getPreview' | 'setWeight' | 'rollBack';

type Asking = { route: ConfiguredRoute; query: { wait_ms: number }; caller: Identity; res: Response };

/** What the admin API does with routes. */
export function createRouteHandlers({ control, views, logger }: RouteHandlerOptions): HandlersOf<RouteOperation> {
  return {
    listRoutes: () => ({ body: { routes: views.all() } }),

    getRouting: () => ({ body: views.routing() }),

    getRoute: ({ route }) => {
      const state = stateOf(route);
      return { body: views.route(route, state), revision: state.revision };
    },

    getTraffic: ({ route }) => ({ body: { samples: control.traffic(route.name).map(trafficView) } }),

    getCohort: ({ route, query: { user, weight } }) => {
      const asked = weight === undefined ? stateOf(route).weight : weightFromPercent(weight);
      return { body: cohortView(route, user, asked) };
    },

    getPreview: ({ route, query }) => ({
      body: previewView(stateOf(route), weightFromPercent(query.weight), control),
    }),

    setWeight: async (asked) => {
      const { route, body, expected, caller } = asked;
      const change = { weight: weightFromPercent(body.weight), reason: body.reason, changedBy: actorOf(caller) };
      return await answered(await control.changeWeight({ ...change, route: route.name, expected }), asked);
    },

    rollBack: async (asked) => {
      const { route, body, caller } = asked;
      const result = await control.rollback({ route: route.name, reason: body.reason, changedBy: actorOf(caller) });
      return await answered(result, asked);
    },
  };

  async function answered(
    result: ChangeResult,
    { route, query, res }: Asking,
  ): Promise<{ body: ChangedRoute; revision: Revision }> {
    if (result.kind !== 'changed') throw refusedChange(result, route.name);
    const { before, after } = result;
    logChange(logger, res, result);
    if (query.wait_ms > 0) {
      await control.untilAcknowledged({ route: route.name, revision: after.revision, timeoutMs: query.wait_ms });
    }
    return { body: views.changed(route, before, after), revision: after.revision };
  }

  function stateOf({ name }: ConfiguredRoute): RouteState {
    const state = control.stateOf(name);
    if (!state) throw new ProblemError('not-ready', `Route ${name} has no state yet`);
    return state;
  }
}
