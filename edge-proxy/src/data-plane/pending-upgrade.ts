import type { CallOutcome, CallPermit } from '../domain/upstream-health.ts';
import type { Upstream } from './upstream.ts';

/** An upgrade that is not answered yet takes one of the upstream's places, and is evidence like every other call. */
export class PendingUpgrade {
  readonly #upstream: Upstream;
  readonly #permit: CallPermit;
  #isPending = true;

  private constructor(upstream: Upstream, permit: CallPermit) {
    this.#upstream = upstream;
    this.#permit = permit;
  }

  static begin(upstream: Upstream): PendingUpgrade | 'breaker-open' | 'overloaded' {
    const permit = upstream.health.admit('reachability', performance.now());
    if (!permit) return 'breaker-open';
    if (upstream.takePlace()) return new PendingUpgrade(upstream, permit);
    upstream.health.settle(permit, 'unknown', performance.now());
    return 'overloaded';
  }

  get isPending(): boolean {
    return this.#isPending;
  }

  end(outcome: CallOutcome): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#upstream.givePlaceBack();
    this.#upstream.health.settle(this.#permit, outcome, performance.now());
  }
}
