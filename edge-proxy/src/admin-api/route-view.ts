import type { ConfiguredRoute, ConfiguredRouting } from '../control-plane/configured-route.ts';
import { serves } from '../control-plane/fleet.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { SeenReplica } from '../control-plane/route-store.ts';
import { phaseOf, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import { rampView } from './ramp-view.ts';
import { isSilent, replicaListView } from './replica-view.ts';
import { routeSentence } from './route-sentence.ts';
import type { EdgeBehind } from './route-sentence.ts';
import type { ChangedRoute, RouteView, Routing, StateEvent } from './schemas.ts';
import { edgesWithoutFallbackTo, sideHealth } from './side-health.ts';
import { observedView, trafficView } from './traffic-view.ts';
import { verdictView } from './verdict-view.ts';

export type ViewOptions = { control: RouteControl; now: () => Date };

/** Makes what the admin API shows of routes, out of what is configured, in force, reported and observed. */
export class RouteViews {
  readonly #control: RouteControl;
  readonly #now: () => Date;

  constructor({ control, now }: ViewOptions) {
    this.#control = control;
    this.#now = now;
  }

  /** A route as it is in force, or as a state has it that was. */
  route(route: ConfiguredRoute, state: RouteState, replicas = this.#control.replicas()): RouteView {
    const control = this.#control;
    const newest = control.traffic(route.name).at(-1);
    const behind = edgesBehind(state, replicas);
    const view = {
      ...stateView(route, state, this.#now()),
      stored: control.isStored(route.name),
      acknowledged: { serving: replicas.length - behind.length, replicas: replicas.length },
      observed: observedView(newest),
      health: {
        old: sideHealth('old', route.sides.old, replicas),
        new: sideHealth('new', route.sides.new, replicas),
      },
    };
    const sentence = routeSentence({
      view,
      traffic: newest && trafficView(newest),
      behind,
      epoch: state.epoch,
      store: control.store(),
      edgesWithoutFallback: edgesWithoutFallbackTo(route.sides.old, replicas),
      now: this.#now(),
    });
    return { ...view, sentence };
  }

  changed(route: ConfiguredRoute, before: RouteState, after: RouteState): ChangedRoute {
    return {
      ...this.route(route, after),
      before: { revision: before.revision, weight: weightToPercent(before.weight) },
    };
  }

  all(): RouteView[] {
    const replicas = this.#control.replicas();
    return this.#inForce().map(({ route, state }) => this.route(route, state, replicas));
  }

  /** Configuration and state together. */
  routing(): Routing {
    const { upstreams, defaultUpstream, internalPaths }: ConfiguredRouting = this.#control.routing();
    return {
      upstreams: upstreams.map(({ name, url }) => ({ name, url })),
      default_upstream: defaultUpstream,
      internal_paths: [...internalPaths],
      routes: this.#inForce().map(({ route: { name, path, sides, key, initialWeight }, state }) => ({
        route: name,
        path,
        weight: weightToPercent(state.weight),
        revision: state.revision,
        initial_weight: weightToPercent(initialWeight),
        retired: state.retired,
        sides: { old: sides.old, new: sides.new },
        key: { from: key.from, name: key.name },
      })),
    };
  }

  event(): StateEvent {
    const routes = this.all();
    const traffic = routes.map(({ route }) => {
      const newest = this.#control.traffic(route).at(-1);
      return [route, newest ? trafficView(newest) : null] as const;
    });
    return {
      at: this.#now().toISOString(),
      ...replicaListView(this.#control),
      routes,
      traffic: Object.fromEntries(traffic),
      verdicts: Object.fromEntries(
        this.#inForce().map(({ state }) => [state.route, verdictView(state, this.#control.verdict(state.route))]),
      ),
    };
  }

  #inForce(): { route: ConfiguredRoute; state: RouteState }[] {
    return this.#control.routing().routes.flatMap((route) => {
      const state = this.#control.stateOf(route.name);
      return state ? [{ route, state }] : [];
    });
  }
}

function stateView({ name, path, sides }: ConfiguredRoute, state: RouteState, now: Date) {
  const changed = wasChanged(state);
  return {
    route: name,
    path,
    phase: phaseOf(state),
    weight: weightToPercent(state.weight),
    revision: state.revision,
    mirror_share: weightToPercent(state.mirrorShare),
    retired: state.retired,
    ramp: rampView(state, now),
    changed_by: changed ? state.changedBy : null,
    changed_at: changed ? state.changedAt : null,
    reason: changed ? state.reason : null,
    sides: { old: sides.old, new: sides.new },
  };
}

function edgesBehind({ route, revision }: RouteState, replicas: readonly SeenReplica[]): EdgeBehind[] {
  return replicas.flatMap((replica) => {
    // What a silent edge serves by now is not known: it may have been rolled back since.
    if (!isSilent(replica) && serves(replica, route, revision)) return [];
    const silentSeconds = isSilent(replica) ? replica.seenMsAgo / 1000 : undefined;
    return [{ id: replica.id, revision: replica.routes[route]?.revision, silentSeconds }];
  });
}
