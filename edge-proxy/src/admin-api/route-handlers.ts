import { weightFromPercent } from '../domain/weight.ts';
import { createAnswerChange, orderOf } from './answer-change.ts';
import type { AnswerOptions } from './answer-change.ts';
import { cohortView, previewView } from './cohort-view.ts';
import type { HandlersOf } from './operations.ts';
import { stateInForce } from './problems.ts';
import { trafficView } from './traffic-view.ts';

type RouteOperation =
  'listRoutes' | 'getRouting' | 'getRoute' | 'getTraffic' | 'getCohort' | 'getPreview' | 'setWeight' | 'rollBack';

/** What the admin API does with routes and their weights. */
export function createRouteHandlers(options: AnswerOptions): HandlersOf<RouteOperation> {
  const { control, views } = options;
  const answered = createAnswerChange(options);
  return {
    listRoutes: () => ({ body: { routes: views.all() } }),

    getRouting: () => ({ body: views.routing() }),

    getRoute: ({ route }) => {
      const state = stateInForce(control, route);
      return { body: views.route(route, state), revision: state.revision };
    },

    getTraffic: ({ route }) => ({ body: { samples: control.traffic(route.name).map(trafficView) } }),

    getCohort: ({ route, query: { user, weight } }) => {
      const asked = weight === undefined ? stateInForce(control, route).weight : weightFromPercent(weight);
      return { body: cohortView(route, user, asked) };
    },

    getPreview: ({ route, query }) => ({
      body: previewView(stateInForce(control, route), weightFromPercent(query.weight), control),
    }),

    setWeight: async (asked) => {
      const { body, expected } = asked;
      const change = { ...orderOf(asked), expected, weight: weightFromPercent(body.weight) };
      return await answered(await control.changeWeight(change), asked);
    },

    rollBack: async (asked) => await answered(await control.rollback(orderOf(asked)), asked),
  };
}
