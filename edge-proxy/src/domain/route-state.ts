import { EVERYBODY, NOBODY, revision } from './weight.ts';
import type { Revision, Weight } from './weight.ts';

/** All that changes about a route while the edge runs. Immutable: a change makes a new one. */
export type RouteState = {
  readonly route: string;
  /** 0 while the route is as its configuration began it. */
  readonly revision: Revision;
  readonly weight: Weight;
  /** What it was before this change; undefined at revision 0, and where an older version of the edge wrote the change. */
  readonly weightBefore: Weight | undefined;
  /** `sub` of the operator's token, or the part of the edge that made the change. */
  readonly changedBy: string;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  readonly reason: string;
};

/** A change, before it was made. */
export type Change = Pick<RouteState, 'weight' | 'changedBy' | 'reason'>;

/** Where a migration stands; derived from the state, never stored. */
export type Phase = 'legacy' | 'canary' | 'full';

/** The state of a route that nobody changed yet. */
export function initialState(route: string, weight: Weight, at: Date): RouteState {
  return {
    route,
    revision: revision(0),
    weight,
    weightBefore: undefined,
    changedBy: 'configuration',
    changedAt: at.toISOString(),
    reason: 'initial weight',
  };
}

/** Whether anybody ever changed the route; until then its configuration counts. */
export function wasChanged({ revision }: RouteState): boolean {
  return revision > 0;
}

/** The state after a change. */
export function nextState(current: RouteState, change: Change, at: Date): RouteState {
  const { weight, changedBy, reason } = change;
  return {
    ...current,
    revision: revision(current.revision + 1),
    weight,
    weightBefore: current.weight,
    changedBy,
    changedAt: at.toISOString(),
    reason,
  };
}

/** Whether a state goes before another one of the same route: it is newer, or as new and not the same. */
export function replaces(state: RouteState, current: RouteState): boolean {
  if (state.revision !== current.revision) return state.revision > current.revision;
  return state.weight !== current.weight || state.changedAt !== current.changedAt;
}

/** Whether two states were made by one change, whatever revisions it was given: a change may reach a store more than once. */
export function isSameChange(one: RouteState, other: RouteState): boolean {
  return (
    one.route === other.route &&
    one.weight === other.weight &&
    one.changedAt === other.changedAt &&
    one.changedBy === other.changedBy &&
    one.reason === other.reason
  );
}

export function phaseOf(weight: Weight): Phase {
  if (weight === NOBODY) return 'legacy';
  return weight === EVERYBODY ? 'full' : 'canary';
}
