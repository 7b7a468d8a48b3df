import type { RampDecision } from '../domain/ramp-decision.ts';
import type { RouteState } from '../domain/route-state.ts';

/** Why a store's state of a route had to be put back. */
export type RepairCause = 'damaged' | 'missing' | 'older';

/** What the control plane meets beside the changes that it is asked for; one helper feeds log and metrics. */
export type ControlEvents = {
  /** A state came into force that somebody else wrote. */
  learned: (state: RouteState) => void;
  storeLost: (cause: unknown) => void;
  storeBack: () => void;
  /** It is another store than the one that this edge knew (none if it was not shared, or empty): what it has counts. */
  otherStore: (ids: { before: string | undefined; now: string }) => void;
  /** What the store has of a route cannot be used. `repaired` follows if this edge could put its own state there. */
  damaged: (damage: { route: string; why: RepairCause; detail: string }) => void;
  repaired: (state: RouteState, why: RepairCause) => void;
  /** A rollback is in force here and the store has yet to get it. */
  pending: (state: RouteState) => void;
  /** The store has it now. */
  settled: (state: RouteState) => void;
  /** It never gets it: the route was retired since. */
  overtaken: (held: RouteState, current: RouteState) => void;
  /** This edge's clock is too far from the store's for it to carry ramps out. */
  clockOff: (skewMs: number) => void;
  /** This edge leads from now on: it carries out what ramps decide. */
  leads: (fence: number) => void;
  /** A ramp's decision is in force. */
  decided: (state: RouteState, decision: RampDecision) => void;
  /** It could not be carried out; the next look decides anew. */
  undecided: (state: RouteState, decision: RampDecision, cause: unknown) => void;
  /** People were told of a change, or could not be. */
  notified: (state: RouteState, outcome: 'delivered' | 'given-up') => void;
  /** Everybody is back on the old side on every edge that lives: how long that took from the order on. */
  rolledBack: (route: string, durationMs: number) => void;
  /** A rollback was drilled: how long it took until every edge served it. */
  drilled: (route: string, rollbackMs: number) => void;
  /** This edge's own memory could not be written: a start without the store would know less. */
  notKept: (cause: unknown) => void;
};
