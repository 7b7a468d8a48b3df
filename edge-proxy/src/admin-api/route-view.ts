import type { ConfiguredRoute, ConfiguredRouting } from '../control-plane/configured-route.ts';
import { phaseOf, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { ChangedRoute, RouteView, Routing } from './schemas.ts';

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

/** Configuration and state together. */
export function routingView(routing: ConfiguredRouting, stateOf: (route: ConfiguredRoute) => RouteState): Routing {
  return {
    upstreams: routing.upstreams.map(({ name, url }) => ({ name, url })),
    default_upstream: routing.defaultUpstream,
    internal_paths: [...routing.internalPaths],
    routes: routing.routes.map((route) => ({ ...routeView(route, stateOf(route)), key: { ...route.key } })),
  };
}

export function changedRouteView(route: ConfiguredRoute, before: RouteState, after: RouteState): ChangedRoute {
  return {
    ...routeView(route, after),
    before: { revision: before.revision, weight: weightToPercent(before.weight) },
  };
}
