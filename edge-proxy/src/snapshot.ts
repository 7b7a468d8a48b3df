import { replaces } from './domain/route-state.ts';
import type { RouteState } from './domain/route-state.ts';
import { NOBODY } from './domain/weight.ts';
import type { Weight } from './domain/weight.ts';

/** What the data plane reads: the state of every route at one moment. */
export type Snapshot = ReadonlyMap<string, RouteState>;

/** Where control plane and data plane meet: the one writes whole snapshots, the other reads the current one. */
export class SnapshotHolder {
  #current: Snapshot = new Map();

  get current(): Snapshot {
    return this.#current;
  }

  swap(next: Snapshot): void {
    this.#current = next;
  }

  /**
   * Puts the state of a configured route in force, unless it is older than what is.
   *
   * @returns whether anything changed
   */
  advance(state: RouteState): boolean {
    const current = this.#current.get(state.route);
    if (!current || !replaces(state, current)) return false;
    this.swap(new Map(this.#current).set(state.route, state));
    return true;
  }

  /** The weight in force; a route without state sends nobody to its new side. */
  weightOf(route: string): Weight {
    return this.#current.get(route)?.weight ?? NOBODY;
  }
}
