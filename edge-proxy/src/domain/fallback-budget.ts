import { RollingCounts } from './rolling-counts.ts';

/** How many requests of a route may fall back although the new side is merely too busy. */
export type FallbackBudgetSettings = {
  /** Share of the route's requests in the window, 0–100. */
  percent: number;
};

const WINDOW_MS = 10_000;
const BUCKETS = 10;
/** So many in each window even where traffic is too thin for a share of it to mean anything. */
const FLOOR = 10;

/**
 * Bounds what plain overload of the new side may send to the old one: a share of recent requests, as retry budgets do it
 * (Google SRE book, chapter 21, "Handling overload"). Without it the spike that fills the new side is passed on to the
 * one that is slower.
 */
export class FallbackBudget {
  readonly #percent: number;
  readonly #counts = new RollingCounts({ windowMs: WINDOW_MS, buckets: BUCKETS });

  constructor({ percent }: FallbackBudgetSettings) {
    this.#percent = percent;
  }

  /** One more request of the route. */
  deposit(now: number): void {
    this.#counts.add(now, false);
  }

  /** Takes leave for one fallback; false if none is left. */
  withdraw(now: number): boolean {
    const { all, hits } = this.#counts.at(now);
    const requests = all - hits;
    if (hits >= Math.max(FLOOR, (requests * this.#percent) / 100)) return false;
    this.#counts.add(now, true);
    return true;
  }
}
