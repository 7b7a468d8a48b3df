import { initialState } from '../domain/route-state.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { RouteStore } from './route-store.ts';

export type RestoreOptions = {
  store: RouteStore;
  holder: SnapshotHolder;
  routes: readonly Pick<ConfiguredRoute, 'name' | 'initialWeight'>[];
  now: () => Date;
};

/** Where each route's state came from, by name. */
export type RestoreReport = {
  stored: string[];
  /** Nobody ever changed them: they are at their configured weight. */
  initial: string[];
  /** The store knows them, the configuration no longer does; their states stay in the store. */
  unconfigured: string[];
};

/** At start: puts every configured route's state in force, the stored one before the configured one. */
export async function restoreState({ store, holder, routes, now }: RestoreOptions): Promise<RestoreReport> {
  const stored = await store.load();
  holder.swap(
    new Map(
      routes.map(({ name, initialWeight }) => [name, stored.get(name) ?? initialState(name, initialWeight, now())]),
    ),
  );
  const names = routes.map(({ name }) => name);
  return {
    stored: names.filter((name) => stored.has(name)),
    initial: names.filter((name) => !stored.has(name)),
    unconfigured: [...stored.keys()].filter((name) => !names.includes(name)),
  };
}
