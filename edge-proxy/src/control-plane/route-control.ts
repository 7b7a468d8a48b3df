import type { RouteState } from '../domain/route-state.ts';
import type { RouteTraffic } from '../domain/traffic.ts';
import type { Revision, Weight } from '../domain/weight.ts';
import type { ChangeResult, RollbackRequest, WeightChange } from './change-weight.ts';
import type { ConfiguredRouting } from './configured-route.ts';
import type { HistoryPage, HistoryQuery, SeenReplica } from './route-store.ts';

/** What a route carried in the `TRAFFIC_WINDOW_MS` before a moment, on all edges together. */
export type TrafficSample = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** In force at that moment on this edge. */
  readonly weight: Weight;
  readonly revision: Revision;
  readonly traffic: RouteTraffic;
  /** Of so many edges. */
  readonly replicas: number;
};

/** How the store is, as this edge sees it. */
export type StoreStatus = {
  readonly kind: 'file' | 'redis' | 'memory';
  readonly reachable: boolean;
  /** Since when; milliseconds since the epoch. */
  readonly since: number;
};

/** All that those who operate the edge may ask of it: what the admin API is made on. */
export type RouteControl = {
  routing(): ConfiguredRouting;
  /** What is in force on this edge; undefined for what is not configured. */
  stateOf(route: string): RouteState | undefined;
  /** False for a rollback that the store has yet to get. */
  isStored(route: string): boolean;
  changeWeight(change: WeightChange): Promise<ChangeResult>;
  /** Everybody back to the old side, whatever the revision, even while the store cannot be reached. */
  rollback(request: RollbackRequest): Promise<ChangeResult>;
  /** Resolves when every replica serves the revision or a later one, or after the time. */
  untilAcknowledged(wanted: { route: string; revision: Revision; timeoutMs: number }): Promise<void>;
  /** Rejects if the store cannot be reached. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** As last seen, this edge first. */
  replicas(): readonly SeenReplica[];
  store(): StoreStatus;
  /** One sample a second of the last ten minutes, oldest first. */
  traffic(route: string): readonly TrafficSample[];
  /** People that this edge saw in the last hour, estimated: all of them, and those who change sides between two weights. */
  usersBetween(route: string, from: Weight, to: Weight): { seen: number; moving: number };
  /** Calls back once a second and whenever a state changes. @returns what ends that */
  subscribe(listener: () => void): () => void;
};
