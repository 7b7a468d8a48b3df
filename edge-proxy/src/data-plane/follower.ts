import type { RouteState } from '../domain/route-state.ts';
import type { AnswerCopy } from './answer-copy.ts';
import type { Outcome } from './exchange.ts';
import type { Assignment } from './pipeline.ts';
import type { RequestHead } from './request-head.ts';
import type { Route } from './routing.ts';
import type { RequestTrace } from './tracing.ts';

/** A request of a route, for those who look at more of it than a record has. */
export type FollowedRequest = {
  readonly route: Route;
  readonly assignment: Assignment;
  /** Of the route and the person: below the weight's cut-off is the new side. */
  readonly hash: number;
  /** What was in force when it came. */
  readonly state: RouteState;
  readonly method: string;
  readonly head: RequestHead;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  /** Of the answer that the client got; undefined if nobody wanted one. */
  copy: AnswerCopy | undefined;
  /** Undefined where nobody traces. */
  readonly trace?: RequestTrace | undefined;
};

/**
 * Who follows requests of routes: called on the request path, so it only notes, and whatever takes time it does later. It
 * never throws.
 */
export type Follower = {
  /** Sets `copy` if it wants one. Requests at weight 0 that nothing is copied of are not followed. */
  began(request: FollowedRequest): void;
  /** Once for each that began. */
  ended(request: FollowedRequest, outcome: Outcome): void;
};
