import type { GateVerdict } from '../domain/gate-verdict.ts';
import type { ParityReport } from '../domain/parity.ts';
import type { RampDecision } from '../domain/ramp-decision.ts';
import type { RampPlan } from '../domain/ramp.ts';
import type { Condition, RouteFacts } from '../domain/retirement.ts';
import type { Author, RouteState } from '../domain/route-state.ts';
import type { RampOrder } from '../domain/steer-ramp.ts';
import type { RouteTraffic } from '../domain/traffic.ts';
import type { Revision, Weight } from '../domain/weight.ts';
import type { ChangeResult } from './change-route.ts';
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

/** What the people of a route met, judged a moment ago by this edge from what all edges saw. */
export type RouteVerdict = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of the revision that brought the weight in force. */
  readonly epoch: Revision;
  readonly weight: Weight;
  readonly gates: readonly GateVerdict[];
  /** What a ramp makes of it; undefined if none is guarding the route. */
  readonly decision: Pick<RampDecision, 'kind' | 'sentence'> | undefined;
  /** Whether this edge carries decisions out. */
  readonly isLeading: boolean;
};

/** A rollback on request, on a live system, and the way forth again. */
export type DrillResult =
  | {
      readonly kind: 'drilled';
      /** From the order to weight 0 on every replica. */
      readonly rollbackMs: number;
      /** False: not every replica had acknowledged it in time; `rollbackMs` is how long was waited. */
      readonly acknowledged: boolean;
      readonly replicas: number;
      /** Undefined if somebody else changed the route meanwhile, or the store was lost: then it stays at 0 %. */
      readonly restored: RouteState | undefined;
    }
  | Exclude<ChangeResult, { kind: 'changed' }>;

/** Whether the old code may go. */
export type RetirementCheck = { readonly conditions: readonly Condition[]; readonly facts: RouteFacts };

/** What identifies a change of a route: `expected` is the revision that whoever asks has seen. */
export type Following = Author & { route: string; expected: Revision };

/** All that those who operate the edge may ask of it: what the admin API is made on. */
export type RouteControl = {
  routing(): ConfiguredRouting;
  /** What is in force on this edge; undefined for what is not configured. */
  stateOf(route: string): RouteState | undefined;
  /** False for a rollback that the store has yet to get. */
  isStored(route: string): boolean;
  /** Ends a ramp that is under way. */
  changeWeight(change: Following & { weight: Weight }): Promise<ChangeResult>;
  /** Everybody back to the old side, whatever the revision, even while the store cannot be reached. */
  rollback(request: Author & { route: string }): Promise<ChangeResult>;
  startRamp(request: Following & { plan: RampPlan }): Promise<ChangeResult>;
  /** Without a revision whatever it is: what holds a ramp back must work in a hurry. */
  steerRamp(
    request: Author & { route: string; order: RampOrder; expected?: Revision | undefined },
  ): Promise<ChangeResult>;
  setMirror(request: Following & { share: Weight }): Promise<ChangeResult>;
  /** Takes the way back away, or gives it back; whether the conditions are met is for the operator to judge. */
  setRetired(request: Following & { retired: boolean }): Promise<ChangeResult>;
  /** Sends everybody back, measures how long that took on all replicas, and restores the weight. */
  drill(request: Author & { route: string }): Promise<DrillResult>;
  /** Undefined while nothing is judged: at weight 0, and before the first round. */
  verdict(route: string): RouteVerdict | undefined;
  /** Whether this edge carries out what ramps decide. */
  isLeading(): boolean;
  /** What all edges found, as of the last round; the sum of their reports. */
  parity(route: string): ParityReport;
  /** Rejects if the store cannot be reached. */
  checkRetirement(route: string): Promise<RetirementCheck>;
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
