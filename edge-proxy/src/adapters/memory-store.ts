import type { RouteState } from '../domain/route-state.ts';
import type { Revision } from '../domain/weight.ts';
import { assertFollows } from '../control-plane/route-store.ts';
import type { AppendResult, RouteStore } from '../control-plane/route-store.ts';

/** A store that forgets with its process. Sharing one makes several control planes replicas of each other. */
export class MemoryStore implements RouteStore {
  readonly #states = new Map<string, RouteState>();
  #fault: unknown;

  async load(): Promise<ReadonlyMap<string, RouteState>> {
    return new Map(this.#states);
  }

  async append(next: RouteState, expected: Revision): Promise<AppendResult> {
    assertFollows(next, expected);
    if (this.#fault !== undefined) return { kind: 'unavailable', cause: this.#fault };
    const current = this.#states.get(next.route);
    if ((current?.revision ?? 0) !== expected) return { kind: 'conflict', current };
    this.#states.set(next.route, next);
    return { kind: 'written' };
  }

  /** Refuses every write because of `cause`, until `mend`. */
  break(cause: unknown): void {
    this.#fault = cause;
  }

  mend(): void {
    this.#fault = undefined;
  }

  async close(): Promise<void> {
    this.break(new Error('the store is closed'));
  }
}
