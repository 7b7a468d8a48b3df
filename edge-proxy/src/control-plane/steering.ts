import { nextState, weighted } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { retire, startRamp, steerRamp } from '../domain/steer-ramp.ts';
import type { ChangeRoute } from './change-route.ts';
import type { ConfiguredRouting } from './configured-route.ts';
import { drillRollback } from './drill-rollback.ts';
import type { Fleet } from './fleet.ts';
import type { Ramps } from './ramps.ts';
import type { RouteControl } from './route-control.ts';

export type SteeringOptions = {
  door: ChangeRoute;
  fleet: Fleet;
  ramps: Ramps;
  stateOf: (route: string) => RouteState | undefined;
  routing: () => ConfiguredRouting;
  drilled: (route: string, rollbackMs: number) => void;
};

type Steering = Pick<
  RouteControl,
  | 'changeWeight'
  | 'rollback'
  | 'startRamp'
  | 'steerRamp'
  | 'setMirror'
  | 'setRetired'
  | 'drill'
  | 'verdict'
  | 'isLeading'
  | 'parity'
  | 'checkRetirement'
>;

/** What operators may order, as changes through the one door, and what they may know of ramps. */
export function createSteering({ door, fleet, ramps, stateOf, routing, drilled }: SteeringOptions): Steering {
  const isUpstream = (upstream: string) => routing().upstreams.some(({ name }) => name === upstream);
  return {
    changeWeight: ({ weight, ...change }) =>
      door.change({
        ...change,
        next: (current, at) => {
          const isRetired = current.retired && weight !== current.weight;
          if (isRetired) return { refused: `Route ${current.route} is retired: unretire it first` };
          return weighted(current, weight, change, at);
        },
      }),
    rollback: (request) => door.rollback(request),
    startRamp: ({ plan, ...change }) =>
      door.change({
        ...change,
        next: (current, at) => {
          const stranger = plan.gates.custom.find(({ upstream }) => !isUpstream(upstream));
          if (stranger) return { refused: `Gate ${stranger.name}: there is no upstream ${stranger.upstream}` };
          return startRamp(current, plan, change, at);
        },
      }),
    steerRamp: ({ order, expected, ...request }) =>
      door.change({ ...request, expected, next: (current, at) => steerRamp(current, order, request, at) }),
    setMirror: ({ share: mirrorShare, ...change }) =>
      door.change({
        ...change,
        next: (current, at) =>
          current.retired
            ? { refused: `Route ${current.route} is retired: the old side gets no copies` }
            : nextState(current, { mirrorShare }, change, at),
      }),
    setRetired: ({ retired, ...change }) =>
      door.change({ ...change, next: (current, at) => retire(current, retired, change, at) }),
    drill: async (request) => {
      const result = await drillRollback(request, { door, fleet, stateOf });
      if (result.kind === 'drilled' && result.acknowledged) {
        drilled(request.route, result.rollbackMs);
        // The figure is in the answer and in the metric; what cannot be stored now is no reason to refuse it.
        await ramps.retirement.noteDrill(request.route, result.rollbackMs).catch(() => undefined);
      }
      return result;
    },
    verdict: (route) => {
      const state = stateOf(route);
      return state && ramps.judging.verdictOf(state);
    },
    isLeading: () => ramps.isLeading,
    parity: (route) => ramps.judging.parityOf(route),
    checkRetirement: async (name) => {
      const route = routing().routes.find((each) => each.name === name);
      const state = stateOf(name);
      if (!route || !state) throw new Error(`There is no route ${name}`);
      return await ramps.retirement.check(route, state, ramps.judging.parityOf(name));
    },
  };
}
