import type { CallOutcome, CallPermit } from '../domain/upstream-health.ts';
import type { Outcome } from './exchange.ts';
import type { Upstream } from './upstream.ts';

/** What became of an upgrade: the answer to it, or why there is none. */
export type UpgradeEnd = Pick<Outcome, 'status' | 'servedBy' | 'fault' | 'durationMs' | 'upstreamMs'>;

type Parts = { permit: CallPermit; startedAt: number; ended: (end: UpgradeEnd) => void };

/** An upgrade that is not answered yet takes one of the upstream's places, and is evidence like every other call. */
export class PendingUpgrade {
  readonly #upstream: Upstream;
  readonly #parts: Parts;
  #isPending = true;

  private constructor(upstream: Upstream, parts: Parts) {
    this.#upstream = upstream;
    this.#parts = parts;
  }

  /** @param ended is told once, if the upgrade may be sent */
  static begin(upstream: Upstream, ended: (end: UpgradeEnd) => void): PendingUpgrade | 'breaker-open' | 'overloaded' {
    const startedAt = performance.now();
    const permit = upstream.health.admit('reachability', startedAt);
    if (!permit) return 'breaker-open';
    if (upstream.takePlace()) return new PendingUpgrade(upstream, { permit, startedAt, ended });
    upstream.health.settle(permit, 'unknown', startedAt);
    return 'overloaded';
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  /** Only the first end counts. */
  end(outcome: CallOutcome, { status, fault }: Partial<Pick<Outcome, 'status' | 'fault'>>): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    const { permit, startedAt, ended } = this.#parts;
    const now = performance.now();
    this.#upstream.givePlaceBack();
    this.#upstream.health.settle(permit, outcome, now);
    const durationMs = now - startedAt;
    const servedBy = fault === undefined ? this.#upstream : undefined;
    ended({ status, servedBy, fault, durationMs, upstreamMs: durationMs });
  }
}
