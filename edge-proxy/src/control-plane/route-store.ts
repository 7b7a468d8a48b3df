import type { BreakerState } from '../domain/breaker.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { RouteTraffic } from '../domain/traffic.ts';
import type { BreakerName } from '../domain/upstream-health.ts';
import type { Revision } from '../domain/weight.ts';

/** What an attempt to write can come to. Only `written` has changed anything. */
export type AppendResult =
  | { readonly kind: 'written' }
  /** Somebody else was first; `current` is what the store has, undefined if it has nothing readable for the route. */
  | { readonly kind: 'conflict'; readonly current: RouteState | undefined }
  /** The leader who asked is none any more. */
  | { readonly kind: 'deposed' }
  /** Nothing is known to be written. `maybeWritten`: the store was told, and did not confirm it. */
  | { readonly kind: 'unavailable'; readonly cause: unknown; readonly maybeWritten: boolean };

/** What a store holds. */
export type StoreContent = {
  /**
   * Which store this is: revisions of different stores do not compare. Undefined for one that is never shared, and for one
   * that nobody wrote to yet.
   */
  readonly id: string | undefined;
  /** The last state of every route that has one. */
  readonly states: ReadonlyMap<string, RouteState>;
  /** Routes whose state cannot be read, each with why. */
  readonly damaged: ReadonlyMap<string, string>;
};

export type HistoryQuery = {
  /** All routes if absent. */
  route?: string | undefined;
  /** At most so many entries, from 1. */
  limit: number;
  /** `next` of the page before; the newest entries if absent. */
  before?: string | undefined;
};

/** States as they were written, newest first. */
export type HistoryPage = { readonly entries: readonly RouteState[]; readonly next: string | undefined };

/** What an edge says of itself, once a second and whenever it serves something new. */
export type ReplicaReport = {
  /** `EDGE_ID`. */
  readonly id: string;
  /** Of this start of the process. */
  readonly incarnation: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** Whether it may carry ramps out; an older version does not say so. */
  readonly leads?: boolean | undefined;
  readonly routes: Readonly<Record<string, RouteReport>>;
  readonly upstreams: Readonly<Record<string, UpstreamReport>>;
};

export type RouteReport = {
  /** What it serves. */
  readonly revision: Revision;
  /** Of the last `TRAFFIC_WINDOW_MS`. */
  readonly traffic: RouteTraffic;
};

export type UpstreamReport = Readonly<Record<BreakerName, BreakerState>> & { readonly inFlight: number };

/** A report, and how long ago it came, by the store's clock. */
export type SeenReplica = ReplicaReport & { readonly seenMsAgo: number };

export type StoreWatcher = {
  /** Somebody wrote a state, this process included; not every one is told, and a state may be told twice. */
  changed: (state: RouteState) => void;
  /** The store can be reached again: what was missed is to be looked up now. */
  reachable: () => void;
};

/**
 * Port: where the states of all routes are kept, and where the edges that share them see each other. Adapters share one
 * contract suite, `adapters/route-store.contract.ts`. What takes long is given up, so that nothing here hangs.
 *
 * Every state that was ever appended stays readable in its order: it is the audit log.
 */
export type RouteStore = {
  readonly kind: 'file' | 'redis' | 'memory';
  /** How far this edge's clock is ahead of the store's, as of the last `replicas`; milliseconds, 0 where they are one. */
  readonly clockSkewMs: number;
  /**
   * Rejects if the store cannot be reached.
   *
   * @param knownId of the store whose states the edge knows: one that has lost its id takes it back
   */
  load(knownId?: string): Promise<StoreContent>;
  /**
   * Compare-and-set: writes `next` if the route is at `expected` (0: the store has nothing). It is durable before it
   * is answered. Never rejects because of the world, only with a RangeError if `next` is not the revision after `expected`.
   *
   * @param fence of the leader who writes: `deposed` if another has led since. Without it anybody may write
   */
  append(next: RouteState, expected: Revision, fence?: number): Promise<AppendResult>;
  /**
   * Makes `holder` the leader for `ttlMs`, or renews it; undefined while another one leads. Rejects if the store cannot be
   * reached.
   *
   * @returns the fencing token: larger for each leader than for all before it, the same as long as one renews in time
   */
  lead(holder: string, ttlMs: number): Promise<number | undefined>;
  /** Lets another one lead at once; nothing if `holder` does not lead. Never rejects. */
  resign(holder: string): Promise<void>;
  /**
   * Puts back what the store has lost: writes `state` if the store has nothing for its route, something that cannot be
   * read, or an older revision. `conflict` if what it has is as new or newer, or if it is another store than the one that is
   * known. A state of revision 0 only moves what cannot be read out of the way.
   *
   * @param knownId of the store whose states the edge knows
   */
  repair(state: RouteState, knownId?: string): Promise<AppendResult>;
  /** Rejects if the store cannot be reached. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** At most one watcher. */
  watch(watcher: StoreWatcher): void;
  /** Rejects if the store cannot be reached. */
  report(report: ReplicaReport): Promise<void>;
  /** Every replica that reported in the last `REPLICA_MEMORY_MS` and did not leave. Rejects if the store cannot be reached. */
  replicas(): Promise<readonly SeenReplica[]>;
  /** Waits for what is under way, and takes this replica off the list; every later `append` is `unavailable`. */
  close(): Promise<void>;
};

/** A replica that did not report for so long is silent: it may serve something old; a later one of its name replaces it. */
export const SILENT_AFTER_MS = 3000;
/** A replica that did not report for so long is taken for gone, and no longer waited for. */
export const REPLICA_MEMORY_MS = 300_000;
/** How much of the traffic a report tells. */
export const TRAFFIC_WINDOW_MS = 10_000;

/** @throws RangeError quoting both revisions; adapters call it first. */
export function assertFollows(next: RouteState, expected: Revision): void {
  if (next.revision !== expected + 1) {
    throw new RangeError(`The revision after ${expected} is ${expected + 1}, received ${next.revision}`);
  }
}
