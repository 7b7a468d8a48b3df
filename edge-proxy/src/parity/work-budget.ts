/** Runs until everything is compiled; their time says nothing of later ones. */
const WARM_UP_RUNS = 20;
/** Longest time that one run keeps others from running. */
const LONGEST_PAUSE_MS = 3000;

export type WorkBudgetOptions = {
  /** Processor time that may be used in a second, in runs of up to a millisecond. */
  msPerSecond: number;
  /** Processor time that this thread has used, in milliseconds. */
  usedMs: () => number;
  /** Milliseconds of a steady clock. */
  now: () => number;
};

/**
 * Work beside the requests of people, on the thread that serves them: so much a second. A run of over a millisecond, which
 * people wait for, costs as many times more: then `msPerSecond` is also a bound on the share of time in which somebody could
 * have to wait for so long.
 */
export class WorkBudget {
  readonly #options: WorkBudgetOptions;
  #availableMs: number;
  #at: number;
  #runs = 0;

  constructor(options: WorkBudgetOptions) {
    this.#options = options;
    this.#availableMs = options.msPerSecond;
    this.#at = options.now();
  }

  get isOpen(): boolean {
    this.#refill();
    return this.#availableMs > 0;
  }

  /** @returns what the work returns, its time charged, even if it throws */
  run<Result>(work: () => Result): Result {
    const { usedMs, now } = this.#options;
    const before = { at: now(), usedMs: usedMs() };
    try {
      return work();
    } finally {
      const tookMs = workOf(now() - before.at, usedMs() - before.usedMs);
      this.spend(this.#runs++ < WARM_UP_RUNS ? Math.min(1, tookMs) : tookMs * Math.max(1, tookMs));
    }
  }

  /** For work that is done in pieces too small to be measured, by what it is known to cost. */
  spend(costMs: number): void {
    const { msPerSecond } = this.#options;
    this.#refill();
    this.#availableMs = Math.max(-msPerSecond * (LONGEST_PAUSE_MS / 1000), this.#availableMs - costMs);
  }

  #refill(): void {
    const { msPerSecond, now } = this.#options;
    const passedMs = now() - this.#at;
    this.#at += passedMs;
    this.#availableMs = Math.min(msPerSecond, this.#availableMs + (passedMs * msPerSecond) / 1000);
  }
}

/**
 * The system counts a thread's processor time in steps of some milliseconds, so what is short by the clock is taken as it is.
 * What is longer may have waited for a busy machine.
 */
function workOf(elapsedMs: number, usedMs: number): number {
  return elapsedMs <= 1 ? elapsedMs : Math.max(1, Math.min(elapsedMs, usedMs));
}

/** So many in a second, one after the other; after a pause two may come at once. */
export class Rate {
  readonly #everyMs: number;
  #nextAt = -Infinity;

  constructor(perSecond: number) {
    this.#everyMs = 1000 / perSecond;
  }

  /** @returns whether there is one now, and takes it */
  take(now: number): boolean {
    if (now < this.#nextAt) return false;
    this.#nextAt = Math.max(this.#nextAt + this.#everyMs, now);
    return true;
  }
}
