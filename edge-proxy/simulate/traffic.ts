import type { Population } from './population.ts';
import type { RandomStream } from './random-stream.ts';
import type { Scenario } from './scenarios.ts';
import { CHECKED, FLAW_BITS } from './simulated-edge.ts';

/** One request and what the person met. */
export type Served = { readonly user: number; readonly edge: number; readonly met: number };
/** Which side serves whom, and at which weight, just now. */
export type Serving = { readonly weightPercent: number; readonly isOnNewSide: (user: number) => boolean };

type Retry = { readonly atSecond: number; readonly user: number; readonly left: number };

/** Shares of all requests, on both sides. */
const SLOW = 0.005;
const REJECTED = 0.002;
const CHECKED_SHARE = 0.1;
const INVALID_OF_CHECKED = 0.003;
const LONGEST_RETRY_S = 3;

/** Requests of a population as they come, spread over edges by chance: each a person's own, or tried again. */
export class Traffic {
  readonly #scenario: Scenario;
  readonly #population: Population;
  readonly #edges: number;
  readonly #random: RandomStream;
  #nextAt: number;
  #retries: Retry[] = [];

  constructor(scenario: Scenario, population: Population, edges: number, random: RandomStream) {
    this.#scenario = scenario;
    this.#population = population;
    this.#edges = edges;
    this.#random = random;
    this.#nextAt = random.gap(scenario.requestsPerSecond);
  }

  /** Whatever comes in this second. */
  during(second: number, serving: Serving, serve: (served: Served) => void): void {
    if (this.#population.places.length === 0) return;
    const due = this.#retries.filter(({ atSecond }) => atSecond === second);
    if (due.length > 0) this.#retries = this.#retries.filter(({ atSecond }) => atSecond !== second);
    for (const { user, left } of due)
      this.#ask(second, { user, left, failing: this.#scenario.retries!.failing }, serve);
    for (; this.#nextAt < second + 1; this.#nextAt += this.#random.gap(this.#scenario.requestsPerSecond)) {
      const { places } = this.#population;
      const user = places[this.#random.int(places.length)]!;
      const left = this.#scenario.retries?.most ?? 0;
      this.#ask(second, { user, left, failing: this.#failing(user, serving) }, serve);
    }
  }

  #ask(
    second: number,
    { user, left, failing }: { user: number; left: number; failing: number },
    serve: (served: Served) => void,
  ): void {
    const hasFailed = this.#random.share() < failing;
    const edge = this.#random.int(this.#edges);
    serve({ user, edge, met: (hasFailed ? FLAW_BITS.failed : 0) | this.#otherwiseMet() });
    if (!hasFailed || left === 0) return;
    this.#retries.push({ atSecond: second + 1 + this.#random.int(LONGEST_RETRY_S), user, left: left - 1 });
  }

  #failing(user: number, { weightPercent, isOnNewSide }: Serving): number {
    const { failing, unlucky, newSideAlsoFailing = 0 } = this.#scenario;
    const share = this.#population.isUnlucky[user] === 1 ? unlucky!.failing : failing(weightPercent);
    return newSideAlsoFailing > 0 && isOnNewSide(user) ? share + newSideAlsoFailing : share;
  }

  #otherwiseMet(): number {
    const drawn = this.#random.share();
    if (drawn < SLOW) return FLAW_BITS.slow;
    if (drawn < SLOW + REJECTED) return FLAW_BITS.rejected;
    if (drawn < 1 - CHECKED_SHARE) return 0;
    return CHECKED | (drawn > 1 - CHECKED_SHARE * INVALID_OF_CHECKED ? FLAW_BITS.invalid : 0);
  }
}
