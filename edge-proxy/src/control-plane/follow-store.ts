import { initialState, replaces, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { ControlEvents, RepairCause } from './control-events.ts';
import type { RouteStore, StoreContent } from './route-store.ts';
import type { RoutesInForce } from './routes-in-force.ts';

export type FollowStoreOptions = {
  store: RouteStore;
  routes: RoutesInForce;
  settle: (route: string) => Promise<boolean>;
  configured: () => readonly Pick<ConfiguredRoute, 'name' | 'initialWeight'>[];
  events: Pick<ControlEvents, 'learned' | 'damaged' | 'repaired'>;
  now: () => Date;
};

/**
 * Makes this edge and the store agree on every route: what others wrote comes into force, a rollback that is held goes to
 * the store, and where the store has lost what this edge knows it gets that back.
 *
 * @returns what does all of that once; it rejects if the store cannot be reached
 */
export function createFollowStore(options: FollowStoreOptions): () => Promise<void> {
  const { store, routes, settle, configured, events, now } = options;
  return async () => {
    const content = await store.load();
    for (const route of configured()) {
      if (routes.pendingOf(route.name).length > 0) await settle(route.name);
      else await agree(route, content);
    }
  };

  async function agree(
    { name, initialWeight }: Pick<ConfiguredRoute, 'name' | 'initialWeight'>,
    content: StoreContent,
  ) {
    const current = routes.current.get(name);
    const stored = content.states.get(name);
    if (!current) return;
    if (stored && stored.revision >= current.revision) return learn(stored);
    const damage = content.damaged.get(name);
    if (damage !== undefined) return await putBack(current, 'damaged', damage);
    if (stored)
      return await putBack(current, 'older', `revision ${stored.revision}, known here is ${current.revision}`);
    if (wasChanged(current)) return await putBack(current, 'missing', `known here is revision ${current.revision}`);
    const initial = initialState(name, initialWeight, now());
    if (initial.weight !== current.weight && replaces(initial, current)) routes.put(initial);
  }

  function learn(stored: RouteState): void {
    if (routes.put(stored)) events.learned(stored);
  }

  async function putBack(state: RouteState, why: RepairCause, detail: string): Promise<void> {
    events.damaged({ route: state.route, why, detail });
    if (!wasChanged(state)) return;
    const result = await store.repair(state);
    if (result.kind === 'written') events.repaired(state, why);
  }
}
