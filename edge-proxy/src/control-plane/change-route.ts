import { isSameChange, rolledBack } from '../domain/route-state.ts';
import type { Author, RouteState } from '../domain/route-state.ts';
import { isRefused } from '../domain/steer-ramp.ts';
import type { Transition } from '../domain/steer-ramp.ts';
import { NOBODY, revision } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import type { ControlEvents } from './control-events.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { AppendResult, RouteStore } from './route-store.ts';
import type { RoutesInForce } from './routes-in-force.ts';

/** A change, before it was made. */
export type RouteChange = {
  route: string;
  /** The revision that whoever asks has seen; undefined: whatever it is now. */
  expected: Revision | undefined;
  /** The state that follows one of that revision, or why none does. Pure: it may be asked more than once. */
  next: (current: RouteState, at: Date) => Transition;
  /** Of the leader, if the fleet's leader makes the change. */
  fence?: number;
};

export type RollbackRequest = Author & {
  route: string;
  verdicts?: RouteState['verdicts'];
  /** When it was made; now if it is left out. */
  at?: Date | undefined;
};

/** What asking for a change can come to. Only `changed` has changed anything. */
export type ChangeResult =
  /** `isStored` is false for a rollback that is in force on this edge alone: the store could not be reached. */
  | { kind: 'changed'; before: RouteState; after: RouteState; isStored: boolean }
  | { kind: 'unknown-route' }
  /** The change does not go with the state of the route; `detail` says why. */
  | { kind: 'refused'; detail: string }
  | { kind: 'conflict'; current: RouteState }
  /** `maybeWritten`: the store was told, and did not confirm it; if it has it, it comes into force everywhere. */
  | { kind: 'unavailable'; cause: unknown; maybeWritten: boolean };

export type ChangeRouteOptions = {
  store: RouteStore;
  routes: RoutesInForce;
  events: Pick<ControlEvents, 'learned' | 'pending' | 'settled' | 'overtaken'>;
  now: () => Date;
  /** The store has what sends everybody back; of `performance.now()`: when it was ordered. */
  wentBack: (state: RouteState, orderedAt: number) => void;
};

/** What became of a rollback that was held; none was made if the route had been retired. */
type StoredRollback = { rollback: RouteState | undefined; current: RouteState };

type Terms = { expected: Revision; fence?: number | undefined };

/** How often what follows no revision is tried again after others were first; a rollback is then left to the next `settle`. */
const MAX_ATTEMPTS = 5;
/** Entries of the history that are looked at together. */
const PAGE = 100;

/**
 * The one door for every change, human or not. What is in force holds every configured route, so it also says which exist.
 *
 * Changes of one process take turns; among processes the store's compare-and-set decides.
 */
export class ChangeRoute {
  readonly #options: ChangeRouteOptions;
  readonly #inTurn = oneAtATime();
  /** When the rollbacks were ordered that the store has yet to get. */
  readonly #orderedAt = new WeakMap<RouteState, number>();

  constructor(options: ChangeRouteOptions) {
    this.#options = options;
  }

  /** Stored, then in force, and only then answered; a change that cannot be stored changes nothing. */
  async change(change: RouteChange): Promise<ChangeResult> {
    const orderedAt = performance.now();
    const result = await this.#inTurn(() => this.#change(change));
    if (result.kind === 'changed' && result.before.weight > NOBODY && result.after.weight === NOBODY) {
      this.#options.wentBack(result.after, orderedAt);
    }
    return result;
  }

  /**
   * In force first, then stored. While the store is out of reach it holds on this edge, on its disk too, and goes to the
   * store by `settle`: after whatever others wrote meanwhile, so that the way back always wins.
   */
  async rollback(request: RollbackRequest): Promise<ChangeResult> {
    const { routes, events, now } = this.#options;
    const orderedAt = performance.now();
    const before = routes.current.get(request.route);
    if (!before) return { kind: 'unknown-route' };
    if (before.retired) return { kind: 'refused', detail: `Route ${before.route} is retired: unretire it first` };
    const held = rolledBack(before, { ...request, verdicts: request.verdicts ?? [] }, request.at ?? now());
    // One that was tried before, and is in force after all.
    if (isSameChange(before, held)) return { kind: 'changed', before, after: before, isStored: true };
    this.#orderedAt.set(held, orderedAt);
    await routes.hold(held);
    const isStored = await this.settle(request.route);
    if (!isStored) events.pending(held);
    return { kind: 'changed', before, after: routes.current.get(request.route) ?? held, isStored };
  }

  /** Gives the store the rollbacks of a route that it has yet to get. @returns whether it has them all */
  async settle(route: string): Promise<boolean> {
    return await this.#inTurn(() => this.#settle(route));
  }

  async #change(change: RouteChange): Promise<ChangeResult> {
    const { routes } = this.#options;
    if (!routes.current.has(change.route)) return { kind: 'unknown-route' };
    if (!(await this.#settle(change.route))) {
      const cause = new Error('the store has yet to get a rollback of this route');
      return { kind: 'unavailable', cause, maybeWritten: false };
    }
    const attempts = change.expected === undefined ? MAX_ATTEMPTS : 1;
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(change);
      if (result.kind !== 'conflict' || attempt === attempts) return result;
    }
  }

  async #attempt(change: RouteChange): Promise<ChangeResult> {
    const { routes, now } = this.#options;
    const seen = await this.#stateSeenBy(change);
    if (seen.kind !== 'current') return seen;
    const before = seen.state;
    const after = change.next(before, now());
    if (isRefused(after)) return { kind: 'refused', detail: after.refused };
    const result = await this.#write(after, { expected: before.revision, fence: change.fence });
    if (result.kind === 'unavailable') return result;
    if (result.kind === 'written') {
      routes.put(after);
      return { kind: 'changed', before, after, isStored: true };
    }
    if (result.kind === 'conflict' && result.current) this.#learn(result.current);
    return { kind: 'conflict', current: routes.current.get(change.route) ?? before };
  }

  /**
   * Who asks may have seen, on another edge, a revision that has not come here yet. Another configuration may have taken
   * the route away meanwhile.
   */
  async #stateSeenBy({ route, expected }: RouteChange) {
    const { store, routes } = this.#options;
    if (expected !== undefined && expected > (routes.current.get(route)?.revision ?? 0)) {
      try {
        const stored = (await store.load(routes.storeId)).states.get(route);
        if (stored) this.#learn(stored);
      } catch (cause) {
        return { kind: 'unavailable', cause, maybeWritten: false } as const;
      }
    }
    const state = routes.current.get(route);
    if (!state) return { kind: 'unknown-route' } as const;
    if (expected === undefined || state.revision === expected) return { kind: 'current', state } as const;
    return { kind: 'conflict', current: state } as const;
  }

  async #settle(route: string): Promise<boolean> {
    const { routes, events } = this.#options;
    for (const held of routes.pendingOf(route)) {
      const stored = await this.#storeRollback(held);
      if (!stored) return false;
      routes.release(held, stored.current);
      if (stored.rollback) this.#settled(held, stored.rollback);
      else events.overtaken(held, stored.current);
    }
    return true;
  }

  #settled(held: RouteState, rollback: RouteState): void {
    const { events, wentBack } = this.#options;
    const orderedAt = this.#orderedAt.get(held);
    // One that this edge remembers from before its start was ordered nobody knows how long ago.
    if (orderedAt !== undefined) wentBack(rollback, orderedAt);
    events.settled(rollback);
  }

  /**
   * After whatever is there: as the revision that this edge gave it, or as the next one that is free. Never twice, and not once
   * the route is retired: the way back that it would take was taken away.
   */
  async #storeRollback(held: RouteState): Promise<StoredRollback | undefined> {
    let next = held;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const result = await this.#write(next, { expected: revision(next.revision - 1) });
      if (result.kind === 'written') return { rollback: next, current: next };
      if (result.kind !== 'conflict') return undefined;
      const { current = held } = result;
      const done = await this.#findInStore(held);
      if (done === 'unavailable') return undefined;
      if (done) return { rollback: done, current };
      if (current.retired) return { rollback: undefined, current };
      next = rolledBack(current, held, new Date(held.changedAt));
    }
    return undefined;
  }

  /** A rollback may be there already: its confirmation was lost, or this process ended before it had noted it. */
  async #findInStore(held: RouteState): Promise<RouteState | undefined | 'unavailable'> {
    const { store } = this.#options;
    try {
      for (let before: string | undefined; ;) {
        const { entries, next } = await store.history({ route: held.route, limit: PAGE, before });
        const done = entries.find((entry) => isSameChange(entry, held));
        if (done || next === undefined || entries.some((entry) => entry.revision < held.revision)) return done;
        before = next;
      }
    } catch {
      return 'unavailable';
    }
  }

  /** Where the store has lost the state that this one follows, or cannot read it, it is given the new one. */
  async #write(next: RouteState, { expected, fence }: Terms): Promise<AppendResult> {
    const { store, routes } = this.#options;
    const result = await store.append(next, expected, fence);
    const hasLost = result.kind === 'conflict' && (result.current?.revision ?? -1) < expected;
    return hasLost ? await store.repair(next, routes.storeId) : result;
  }

  #learn(state: RouteState): void {
    const { routes, events } = this.#options;
    if (routes.put(state)) events.learned(state);
  }
}
