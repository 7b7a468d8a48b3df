import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import { phaseOf, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { ChangedRoute, RouteView } from './schemas.ts';

/** A route as the admin API shows it. */
export function routeView({ name, path, sides }: ConfiguredRoute, state: RouteState): RouteView {
  const changed = wasChanged(state);
  return {
    route: name,
    path,
    phase: phaseOf(state.weight),
    weight: weightToPercent(state.weight),
    revision: state.revision,
    changed_by: changed ? state.changedBy : null,
    changed_at: changed ? state.changedAt : null,
    reason: changed ? state.reason : null,
    sides: { old: sides.old, new: sides.new },
  };
}

export function changedRouteView(route: ConfiguredRoute, before: RouteState, after: RouteState): ChangedRoute {
  return {
    ...routeView(route, after),
    before: { revision: before.revision, weight: weightToPercent(before.weight) },
  };
}
