import type { RetirementCheck } from '../control-plane/route-control.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { RetirementView } from './schemas.ts';

/** Whether the old code may go. */
export function retirementView({ route, retired }: RouteState, { conditions, facts }: RetirementCheck): RetirementView {
  return {
    route,
    retired,
    may_go: conditions.every(({ met }) => met),
    conditions: conditions.map(({ name, met, evidence }) => ({ name, met, evidence })),
    last_served: {
      weight: timeOf(facts.servedByWeight),
      fallback: timeOf(facts.servedByFallback),
      override: timeOf(facts.servedByOverride),
      direct: timeOf(facts.calledDirectly),
    },
  };
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
