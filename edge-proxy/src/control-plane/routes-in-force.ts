import type { RouteState } from '../domain/route-state.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import type { KeptRoutes, RouteKeeper } from './kept-routes.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { StoreContent } from './route-store.ts';

export type RoutesInForceOptions = {
  holder: SnapshotHolder;
  keeper: RouteKeeper;
  /** Something else is in force. */
  changed: () => void;
  notKept: (cause: unknown) => void;
};

/**
 * What this edge serves, and remembers for a start without the store. A rollback that the store has yet to get holds its
 * route until it is settled: nothing that somebody else wrote comes into force there.
 */
export class RoutesInForce {
  readonly #options: RoutesInForceOptions;
  #pending: readonly RouteState[] = [];
  readonly #inTurn = oneAtATime();
  #storeId: string | undefined;
  #isSaveDue = false;
  #isUnsaved = false;

  constructor(options: RoutesInForceOptions) {
    this.#options = options;
  }

  get current(): ReadonlyMap<string, RouteState> {
    return this.#options.holder.current;
  }

  /** Of the store that the states come from. */
  get storeId(): string | undefined {
    return this.#storeId;
  }

  /** The rollbacks that the store has yet to get, oldest first; of routes that are no longer configured, too. */
  get pending(): readonly RouteState[] {
    return this.#pending;
  }

  pendingOf(route: string): readonly RouteState[] {
    return this.#pending.filter((state) => state.route === route);
  }

  /** Replaces everything, at start or when the configuration changed. */
  begin(states: readonly RouteState[], { storeId, pending }: Omit<KeptRoutes, 'states'>): void {
    this.#storeId = storeId;
    this.#pending = pending;
    this.#options.holder.swap(new Map(states.map((state) => [state.route, state])));
    this.#hasChanged();
  }

  /** @returns whether anything changed: an older state, or one of a route that is held, does not */
  put(state: RouteState): boolean {
    if (this.pendingOf(state.route).length > 0 || !this.#options.holder.advance(state)) return false;
    this.#hasChanged();
    return true;
  }

  /** Takes what another store has, whatever the revisions; a route that is held stays as it is. */
  adopt({ id, states }: StoreContent): void {
    this.#storeId = id;
    const next = new Map(this.current);
    for (const [route, state] of states) {
      if (next.has(route) && this.pendingOf(route).length === 0) next.set(route, state);
    }
    this.#options.holder.swap(next);
    this.#hasChanged();
  }

  /** Puts a rollback in force at once. @returns when it is on disk, or known not to be */
  async hold(rollback: RouteState): Promise<void> {
    this.#pending = [...this.#pending, rollback];
    this.#options.holder.advance(rollback);
    this.#options.changed();
    await this.#save();
  }

  /** The store has a rollback that was held, and `current` for its route: of a lower revision, if it is another store. */
  release(rollback: RouteState, current: RouteState): void {
    const { route } = rollback;
    this.#pending = this.#pending.filter((each) => each !== rollback);
    if (this.current.has(route) && this.pendingOf(route).length === 0) {
      this.#options.holder.swap(new Map(this.current).set(route, current));
    }
    this.#hasChanged();
  }

  /** Tries again to save what could not be. */
  async saveAgain(): Promise<void> {
    if (this.#isUnsaved) await this.#save();
  }

  /** Resolves once all that happened until now was saved, or could not be. */
  async saved(): Promise<void> {
    await this.#inTurn(async () => undefined);
  }

  #hasChanged(): void {
    this.#options.changed();
    if (this.#isSaveDue) return;
    this.#isSaveDue = true;
    void this.#save();
  }

  async #save(): Promise<void> {
    await this.#inTurn(async () => {
      this.#isSaveDue = false;
      const kept: KeptRoutes = { storeId: this.#storeId, states: this.current, pending: this.#pending };
      try {
        await this.#options.keeper.save(kept);
        this.#isUnsaved = false;
      } catch (cause) {
        this.#isUnsaved = true;
        this.#options.notKept(cause);
      }
    });
  }
}
