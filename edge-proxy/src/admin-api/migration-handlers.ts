import { ProblemError, parseInput } from '@fit/service-kit/problem';
import { z } from 'zod';
import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { RetirementCheck, RouteControl } from '../control-plane/route-control.ts';
import type { RampPlan } from '../domain/ramp.ts';
import type { RampOrder } from '../domain/steer-ramp.ts';
import { weightFromPercent } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import { logDrill } from './admin-log.ts';
import { createAnswerChange, orderOf } from './answer-change.ts';
import type { AnswerOptions, Asking, Ordering } from './answer-change.ts';
import { drillView } from './drill-view.ts';
import type { MIGRATION_OPERATIONS } from './migration-operations.ts';
import type { Answer } from './operation.ts';
import type { HandlersOf } from './operations.ts';
import { parityView } from './parity-view.ts';
import { refusedChange, stateInForce, storeUnavailable } from './problems.ts';
import { retirementView } from './retirement-view.ts';
import { verdictView } from './verdict-view.ts';

type Operations = typeof MIGRATION_OPERATIONS;

/** What the admin API does with a migration beyond single weights. */
export function createMigrationHandlers(options: AnswerOptions): HandlersOf<keyof Operations> {
  const { control, logger } = options;
  const answered = createAnswerChange(options);
  const steer = (order: RampOrder) => async (asked: Asking & Ordering & { expected: Revision | undefined }) =>
    await answered(await control.steerRamp({ ...orderOf(asked), order, expected: asked.expected }), asked);
  const setRetired = (retired: boolean) => async (asked: Asking & Ordering & { expected: Revision }) =>
    await answered(await control.setRetired({ ...orderOf(asked), expected: asked.expected, retired }), asked);
  return {
    startRamp: async (asked) => {
      const { route, body, expected } = asked;
      const plan = body.plan ? checked(body.plan, control) : planOf(route);
      return await answered(await control.startRamp({ ...orderOf(asked), expected, plan }), asked);
    },

    pauseRamp: steer('pause'),
    resumeRamp: steer('resume'),
    promoteRamp: steer('promote'),
    freezeRamp: steer('freeze'),

    setMirror: async (asked) => {
      const { body, expected } = asked;
      const change = { ...orderOf(asked), expected, share: weightFromPercent(body.share) };
      return await answered(await control.setMirror(change), asked);
    },

    retire: setRetired(true),
    unretire: setRetired(false),

    drill: async (asked): Promise<Answer<Operations['drill']>> => {
      const { route, res } = asked;
      const result = await control.drill(orderOf(asked));
      if (result.kind !== 'drilled') throw refusedChange(result, route.name);
      const drill = drillView(stateInForce(control, route), result);
      logDrill(logger, res, drill);
      return { body: drill, revision: stateInForce(control, route).revision };
    },

    getVerdict: ({ route }) => ({ body: verdictView(stateInForce(control, route), control.verdict(route.name)) }),

    getParity: ({ route }) => ({ body: parityView(stateInForce(control, route), control.parity(route.name)) }),

    getRetirement: async ({ route }) => ({
      body: retirementView(stateInForce(control, route), await retirementOf(control, route)),
    }),
  };
}

function planOf({ name, ramp }: ConfiguredRoute): RampPlan {
  if (ramp) return ramp;
  throw new ProblemError(
    'not-possible',
    `Route ${name} has no plan of its own: send one as plan, or give the route a ramp in the route file`,
  );
}

/** Custom gates may only ask upstreams that are configured: an operator sends the edge nowhere else. */
function checked(plan: RampPlan, control: RouteControl): RampPlan {
  const names = control.routing().upstreams.map(({ name }) => name);
  const upstream = z.enum(names, `must be an upstream: ${names.join(', ')}`);
  const custom = z.array(z.object({ upstream }));
  parseInput(z.object({ plan: z.object({ gates: z.object({ custom }) }) }), { plan }, 'body');
  return plan;
}

async function retirementOf(control: RouteControl, { name }: ConfiguredRoute): Promise<RetirementCheck> {
  try {
    return await control.checkRetirement(name);
  } catch (cause) {
    throw storeUnavailable('What the old side served last cannot be read while the store is out of reach', cause);
  }
}
