import { initialState, replaces, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { ControlEvents, RepairCause } from './control-events.ts';
import type { RouteStore, StoreContent } from './route-store.ts';
import type { RoutesInForce } from './routes-in-force.ts';

type Configured = Pick<ConfiguredRoute, 'name' | 'initialWeight'>;

export type FollowStoreOptions = {
  store: RouteStore;
  routes: RoutesInForce;
  settle: (route: string) => Promise<boolean>;
  configured: () => readonly Configured[];
  events: Pick<ControlEvents, 'learned' | 'damaged' | 'repaired' | 'otherStore'>;
  now: () => Date;
};

/**
 * Makes this edge and the store agree on every route: what others wrote comes into force, a rollback that is held goes to
 * the store, and where the store has lost what this edge knows it gets that back. Of another store than before all counts.
 *
 * @returns what does all of that once; it rejects if the store cannot be reached
 */
export function createFollowStore(options: FollowStoreOptions): () => Promise<void> {
  const { store, routes, settle, configured, events, now } = options;
  return async () => {
    // What comes into force meanwhile may be newer than what is loaded: it is for the next look.
    const before = routes.current;
    const knownId = routes.storeId;
    const content = await store.load(knownId);
    if (content.id !== undefined && content.id !== knownId) {
      if (routes.current !== before) return;
      events.otherStore({ before: knownId, now: content.id });
      routes.adopt(content);
    }
    const isKnown = knownId !== undefined && content.id === knownId;
    const held = new Set(routes.pending.map(({ route }) => route));
    for (const route of held) await settle(route);
    for (const route of configured()) {
      const isNewer = held.has(route.name) || routes.current.get(route.name) !== before.get(route.name);
      if (!isNewer) await agree(route, content, isKnown);
    }
  };

  async function agree(route: Configured, content: StoreContent, isKnown: boolean): Promise<void> {
    const current = routes.current.get(route.name);
    const stored = content.states.get(route.name);
    if (!current) return;
    if (stored && stored.revision >= current.revision) return learn(stored);
    const damage = content.damaged.get(route.name);
    const known = `known here is revision ${current.revision}`;
    if (damage !== undefined) await mend(route, current, damage);
    else if (stored) await putBack(current, 'older', `revision ${stored.revision}, ${known}`);
    else if (!wasChanged(current)) beginAt(route, current);
    else if (isKnown) await putBack(current, 'missing', known);
    // What a store never had it has not lost.
    else await store.repair(current, routes.storeId);
  }

  /** Where nobody knows what it was it stays, and nobody is sent to the new side, until somebody changes the route. */
  async function mend({ name, initialWeight }: Configured, current: RouteState, detail: string): Promise<void> {
    const isCertain = wasChanged(current) || current.weight === initialWeight;
    if (isCertain) await putBack(current, 'damaged', detail);
    else events.damaged({ route: name, why: 'damaged', detail });
  }

  function learn(stored: RouteState): void {
    if (routes.put(stored)) events.learned(stored);
  }

  async function putBack(state: RouteState, why: RepairCause, detail: string): Promise<void> {
    events.damaged({ route: state.route, why, detail });
    const result = await store.repair(state, routes.storeId);
    if (result.kind === 'written') events.repaired(state, why);
  }

  function beginAt({ name, initialWeight }: Configured, current: RouteState): void {
    const initial = initialState(name, initialWeight, now());
    if (initial.weight !== current.weight && replaces(initial, current)) routes.put(initial);
  }
}
