import type { RouteState } from '../domain/route-state.ts';
import type { ControlEvents } from './control-events.ts';
import type { Fleet } from './fleet.ts';

export type RollbackWatchOptions = { fleet: Fleet; events: Pick<ControlEvents, 'rolledBack'> };

/** An edge that lives and takes longer than this is behind for another reason; the time counts as it is then. */
const WAIT_MS = 10_000;

/** Times how long the way back takes to every edge, whoever ordered it. Nobody waits for it. */
export class RollbackWatch {
  readonly #options: RollbackWatchOptions;
  #isClosed = false;

  constructor(options: RollbackWatchOptions) {
    this.#options = options;
  }

  /**
   * Follows a state that sends everybody back until all edges that live serve it. Never rejects.
   *
   * @param orderedAt of `performance.now()`
   */
  async follow({ route, revision }: Pick<RouteState, 'route' | 'revision'>, orderedAt: number): Promise<void> {
    const { fleet, events } = this.#options;
    await fleet.untilServed({ route, revision, timeoutMs: WAIT_MS }, () => (this.#isClosed ? [] : fleet.living));
    if (!this.#isClosed) events.rolledBack(route, performance.now() - orderedAt);
  }

  close(): void {
    this.#isClosed = true;
  }
}
