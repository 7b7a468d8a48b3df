import type { Outcome } from '../../data-plane/exchange.ts';
import type { FollowedRequest } from '../../data-plane/follower.ts';
import type { RequestHead } from '../../data-plane/request-head.ts';
import type { Route } from '../../data-plane/routing.ts';
import type { Upstream } from '../../data-plane/upstream.ts';
import { initialState } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { hashOf, sideOfHash } from '../../domain/split.ts';
import { revision, weightFromPercent } from '../../domain/weight.ts';

/** When every epoch of these tests begins; milliseconds since the epoch. */
export const SINCE_MS = Date.parse('2026-01-01T00:00:00.000Z');
export const OBJECTIVE_MS = 5000;

const sides = { old: { name: 'legacy' } as Upstream, new: { name: 'coach' } as Upstream };

export const route = { name: 'wod', objectiveMs: OBJECTIVE_MS, sides } as Route;

export function stateAt(percent: number, epochRevision = 1): RouteState {
  const state = initialState('wod', weightFromPercent(percent), new Date(SINCE_MS));
  const epoch = { revision: revision(epochRevision), since: new Date(SINCE_MS).toISOString() };
  return { ...state, revision: revision(epochRevision), epoch };
}

export type Asking = {
  user: string;
  state: RouteState;
  /** Of the clock that requests begin by. */
  startedAt: number;
  authorization?: string | undefined;
};

/** A request as the pipeline shows it, on the side of its user's hash. */
export function asked({ user, state, startedAt, authorization }: Asking): FollowedRequest {
  const hash = hashOf('wod', user);
  return {
    route,
    assignment: { side: sideOfHash(hash, state.weight), by: 'weight' },
    hash,
    state,
    method: 'GET',
    head: { authorization } as RequestHead,
    startedAt,
    copy: undefined,
  };
}

/** A good answer of the request's own side. */
export function answer({ assignment }: FollowedRequest, how: Partial<Outcome> = {}): Outcome {
  const servedBy = sides[assignment.side];
  const good = { status: 200, servedBy, madeBy: servedBy.name, durationMs: 40, upstreamMs: 39 };
  const bodies = { requestBytes: 0, responseBytes: 100 };
  return { ...good, ...bodies, fallback: undefined, withheld: undefined, fault: undefined, ...how };
}
