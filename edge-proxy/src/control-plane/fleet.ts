import { setTimeout as delay } from 'node:timers/promises';
import type { Revision } from '../domain/weight.ts';
import { SILENT_AFTER_MS } from './route-store.ts';
import type { ReplicaReport, RouteStore, SeenReplica } from './route-store.ts';

export type FleetOptions = {
  store: Pick<RouteStore, 'report' | 'replicas'>;
  /** What this edge says of itself, now. */
  ownReport: () => ReplicaReport;
};

/** Between two looks at what the others serve, while somebody waits for them. */
const LOOK_EVERY_MS = 20;

/** The edges that share a store, as this one sees them. */
export class Fleet {
  readonly #options: FleetOptions;
  #others: readonly SeenReplica[] = [];
  #seenAt = performance.now();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** As last seen, this edge first; while the store is out of reach the others grow older. */
  get replicas(): readonly SeenReplica[] {
    const sinceMs = performance.now() - this.#seenAt;
    const others = this.#others.map((each) => ({ ...each, seenMsAgo: each.seenMsAgo + sinceMs }));
    return [{ ...this.#options.ownReport(), seenMsAgo: 0 }, ...others];
  }

  /** Tells the others what this edge serves. Rejects if the store cannot be reached. */
  async report(): Promise<void> {
    await this.#options.store.report(this.#options.ownReport());
  }

  /** Looks at what the others serve. Rejects if the store cannot be reached. */
  async look(): Promise<void> {
    const { incarnation } = this.#options.ownReport();
    const seen = await this.#options.store.replicas();
    this.#others = seen.filter((each) => each.incarnation !== incarnation);
    this.#seenAt = performance.now();
  }

  /** Those that reported lately, this edge first. */
  get living(): readonly SeenReplica[] {
    return this.replicas.filter(({ seenMsAgo }) => seenMsAgo <= SILENT_AFTER_MS);
  }

  /** Resolves when all of some replicas serve a revision of a route or a later one, or after the time. */
  async untilServed(
    { route, revision, timeoutMs }: { route: string; revision: Revision; timeoutMs: number },
    all: () => readonly SeenReplica[] = () => this.replicas,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      await this.look().catch(() => undefined);
      if (all().every((replica) => serves(replica, route, revision))) return;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return;
      await delay(Math.min(LOOK_EVERY_MS, leftMs));
    }
  }
}

/** Whether an edge serves a revision of a route or a later one. */
export function serves({ routes }: ReplicaReport, route: string, revision: Revision): boolean {
  return (routes[route]?.revision ?? -1) >= revision;
}
