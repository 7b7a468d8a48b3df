import { initialState } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { NOBODY } from '../domain/weight.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { KeptRoutes } from './kept-routes.ts';
import type { StoreContent } from './route-store.ts';
import type { RoutesInForce } from './routes-in-force.ts';

type Named = Pick<ConfiguredRoute, 'name' | 'initialWeight'>;

export type RestoreOptions = {
  routes: RoutesInForce;
  configured: readonly Named[];
  /** Undefined while the store cannot be reached. */
  content: StoreContent | undefined;
  kept: KeptRoutes;
  now: () => Date;
};

/** Where each route's state came from, by name. */
export type RestoreReport = {
  stored: string[];
  /** The store could not be reached, or has less: they are as this edge knew them last. */
  kept: string[];
  /** Nobody ever changed them: they are at their configured weight. */
  initial: string[];
  /** Neither the store nor this edge knows anything: they send nobody to their new side. */
  unknown: string[];
  /** The store knows them, the configuration no longer does; their states stay in the store. */
  unconfigured: string[];
};

/**
 * Puts every configured route's state in force, at start and when the configuration changed: the newest of what the store
 * and this edge know, or, if that came from another store, what the store has. The configured weight counts only if the
 * store was asked and has nothing.
 */
export function restoreState({ routes, configured, content, kept, now }: RestoreOptions): RestoreReport {
  const origins = configured.map((route) => originOf(route, content, kept, now));
  const names = new Set(configured.map(({ name }) => name));
  routes.begin(
    origins.map(({ state }) => state),
    kept,
  );
  const from = (origin: Origin) => origins.filter(({ from: each }) => each === origin).map(({ state }) => state.route);
  return {
    stored: from('stored'),
    kept: from('kept'),
    initial: from('initial'),
    unknown: from('unknown'),
    unconfigured: [...(content?.states.keys() ?? [])].filter((name) => !names.has(name)),
  };
}

type Origin = 'stored' | 'kept' | 'initial' | 'unknown';

function originOf(
  { name, initialWeight }: Named,
  content: StoreContent | undefined,
  { storeId, states, pending }: KeptRoutes,
  now: () => Date,
): { from: Origin; state: RouteState } {
  const stored = content?.states.get(name);
  const known = states.get(name);
  const held = pending.findLast(({ route }) => route === name);
  if (held) return { from: 'kept', state: known ?? held };
  const isComparable = content?.id === undefined || content.id === storeId;
  if (stored && !(known && isComparable && known.revision > stored.revision)) return { from: 'stored', state: stored };
  if (content && !content.damaged.has(name) && !(known && known.revision > 0)) {
    return { from: 'initial', state: initialState(name, initialWeight, now()) };
  }
  if (known) return { from: 'kept', state: known };
  return { from: 'unknown', state: initialState(name, NOBODY, now()) };
}
