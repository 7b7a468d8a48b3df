import type { RouteState } from '../domain/route-state.ts';

/** What a replica knew last, for a start without the store. */
export type KeptRoutes = {
  /** Of the store that they come from; undefined for one that is not shared. */
  readonly storeId: string | undefined;
  /** The state of every route as this replica served it, by route. */
  readonly states: ReadonlyMap<string, RouteState>;
  /** Rollbacks that this replica took while the store was out of reach, oldest first: the store has yet to get them. */
  readonly pending: readonly RouteState[];
};

/** Port: a replica's own memory, on its own disk. */
export type RouteKeeper = {
  /** Nothing if nothing was kept, or if what was kept cannot be read; the adapter says so in the log. */
  load(): Promise<KeptRoutes>;
  /** All or nothing; on disk before it resolves. Rejects if the disk refuses; what was kept before stays. */
  save(kept: KeptRoutes): Promise<void>;
};
