import type { RouteState } from '../domain/route-state.ts';
import type { Revision } from '../domain/weight.ts';

/** What an attempt to write can come to. Only `written` has changed anything. */
export type AppendResult =
  | { readonly kind: 'written' }
  /** Somebody else was first; `current` is what the store has, undefined if it has nothing for the route. */
  | { readonly kind: 'conflict'; readonly current: RouteState | undefined }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/**
 * Port: where the states of all routes are kept. Adapters share one contract suite, `adapters/route-store.contract.ts`.
 *
 * Every state that was ever appended stays readable in its order by those who operate the store: it is the audit log.
 */
export type RouteStore = {
  /** The last state of every route that has one. */
  load(): Promise<ReadonlyMap<string, RouteState>>;
  /**
   * Compare-and-set: writes `next` if the route is at `expected` (0: the store has nothing). It is durable before it
   * is answered. Never rejects because of the world, only with a RangeError if `next` is not the revision after `expected`.
   */
  append(next: RouteState, expected: Revision): Promise<AppendResult>;
  /** Waits for what is under way; every later `append` is `unavailable`. */
  close(): Promise<void>;
};

/** @throws RangeError quoting both revisions; adapters call it first. */
export function assertFollows(next: RouteState, expected: Revision): void {
  if (next.revision !== expected + 1) {
    throw new RangeError(`The revision after ${expected} is ${expected + 1}, received ${next.revision}`);
  }
}
