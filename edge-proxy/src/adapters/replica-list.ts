import { REPLICA_MEMORY_MS, SILENT_AFTER_MS } from '../control-plane/route-store.ts';
import type { ReplicaReport, SeenReplica } from '../control-plane/route-store.ts';

/** The last report of a replica, and when it came: milliseconds of the store's clock. */
export type KeptReport = { readonly report: ReplicaReport; readonly at: number };

/**
 * Which replicas are still there. A process that crashed and was started again reports as another incarnation of the same
 * name: the new one takes the old one's place. Of two that both live both are listed.
 */
export function isListed({ report, at }: KeptReport, all: readonly KeptReport[], now: number): boolean {
  const silentMs = now - at;
  // A report from the future is one from before the clock was set back: who lives has reported again since.
  if (silentMs > REPLICA_MEMORY_MS || silentMs < -SILENT_AFTER_MS) return false;
  return silentMs <= SILENT_AFTER_MS || !all.some((other) => other.report.id === report.id && other.at > at);
}

export function seenReplica({ report, at }: KeptReport, now: number): SeenReplica {
  return { ...report, seenMsAgo: Math.max(0, now - at) };
}

/** The replicas of a store in this process. The clock is handed in: milliseconds that never go back. */
export class ReplicaList {
  readonly #now: () => number;
  readonly #kept = new Map<string, KeptReport>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  put(report: ReplicaReport): void {
    this.#kept.set(report.incarnation, { report, at: this.#now() });
    this.#forget();
  }

  remove(incarnation: string): void {
    this.#kept.delete(incarnation);
  }

  list(): readonly SeenReplica[] {
    this.#forget();
    return [...this.#kept.values()].map((kept) => seenReplica(kept, this.#now()));
  }

  #forget(): void {
    const all = [...this.#kept.values()];
    for (const kept of all) {
      if (!isListed(kept, all, this.#now())) this.#kept.delete(kept.report.incarnation);
    }
  }
}
