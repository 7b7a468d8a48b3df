import { BUILT_IN_FAILING_GATES, RAMP_ALPHA } from '../src/domain/judge-numbers.ts';
import { logShareEvidence } from '../src/domain/statistics/share-evidence.ts';
import type { Evidence } from '../src/domain/evidence.ts';
import type { Side } from '../src/domain/split.ts';

/** Two simpler ways to count, judged by the same e-values at the same α, which shows what comes of them. */
export const RIVALS = ['requests', 'user-minutes'] as const;
export type Rival = (typeof RIVALS)[number];

/** Of one side. */
type Counted = { all: number; failed: number };

/**
 * Would a ramp have been rolled back, had every request (or every user-minute) been taken for independent: more than the limit
 * failed on the new side, or more of the failures were on the new side than its share of all that was counted?
 */
export class Rivals {
  readonly #logNeeded: number;
  readonly #limit: number;
  #requests: Record<Side, Counted> = noRequests();
  readonly failed: Record<Rival, boolean> = { requests: false, 'user-minutes': false };

  constructor({ steps, limitPercent }: { steps: number; limitPercent: number }) {
    this.#logNeeded = Math.log((steps * BUILT_IN_FAILING_GATES) / RAMP_ALPHA);
    this.#limit = limitPercent / 100;
  }

  beginEpoch(): void {
    this.#requests = noRequests();
  }

  see(side: Side, hasFailed: boolean): void {
    this.#requests[side].all++;
    if (hasFailed) this.#requests[side].failed++;
  }

  /** When a flaw was seen. @param edges the user-minutes that each of them saw */
  look(edges: readonly Evidence['units'][], weightPercent: number): void {
    this.failed.requests ||= this.#isFailing(this.#requests.old, this.#requests.new, weightPercent);
    this.failed['user-minutes'] ||= this.#isFailing(unitsOf(edges, 'old'), unitsOf(edges, 'new'), weightPercent);
  }

  #isFailing(old: Counted, ours: Counted, weightPercent: number): boolean {
    const absolute = logShareEvidence({ successes: ours.failed, trials: ours.all }, this.#limit);
    if (absolute >= this.#logNeeded) return true;
    const failures = { successes: ours.failed, trials: ours.failed + old.failed };
    return weightPercent < 100 && logShareEvidence(failures, ours.all / (ours.all + old.all)) >= this.#logNeeded;
  }
}

function unitsOf(edges: readonly Evidence['units'][], side: Side): Counted {
  const of = (name: 'units' | 'failed') => edges.reduce((sum, units) => sum + units[side][name], 0);
  return { all: of('units'), failed: of('failed') };
}

function noRequests(): Record<Side, Counted> {
  return { old: { all: 0, failed: 0 }, new: { all: 0, failed: 0 } };
}
