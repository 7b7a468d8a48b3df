import type { DrillResult } from '../control-plane/route-control.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { Drill } from './schemas.ts';

/** @param inForce after the drill */
export function drillView(inForce: RouteState, result: Extract<DrillResult, { kind: 'drilled' }>): Drill {
  const { rollbackMs, acknowledged, replicas, restored } = result;
  const { route, weight, revision } = restored ?? inForce;
  return {
    route,
    rollback_ms: Math.round(rollbackMs),
    acknowledged,
    replicas,
    restored: restored !== undefined,
    weight: weightToPercent(weight),
    revision,
  };
}
