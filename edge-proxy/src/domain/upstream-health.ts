import { Breaker } from './breaker.ts';
import type { BreakerSettings, BreakerState, Permit } from './breaker.ts';

/**
 * Two breakers for an upstream, since a server that answers errors still answers:
 * - `reachability` opens on calls that got no answer, and then nothing is sent;
 * - `answers` opens on those and on 5xx, and then what another server could answer is not sent here. What nobody else
 *   can answer still is, so that one broken path of a monolith does not take its other paths away.
 */
export type BreakerName = 'answers' | 'reachability';

/** How a call ended, as far as it says something about the upstream. */
export type CallOutcome =
  | 'answered'
  | 'server-error'
  | 'no-answer'
  /** It was never sent, or its client left: no evidence. */
  | 'unknown';

export type CallPermits = Readonly<Record<BreakerName, Permit>>;

export class UpstreamHealth {
  readonly #answers: Breaker;
  readonly #reachability: Breaker;

  /** @param changed is told each state that one of the two enters */
  constructor(settings: BreakerSettings, changed?: (breaker: BreakerName, state: BreakerState) => void) {
    this.#answers = new Breaker(settings, (state) => changed?.('answers', state));
    this.#reachability = new Breaker(settings, (state) => changed?.('reachability', state));
  }

  stateAt(breaker: BreakerName, now: number): BreakerState {
    return (breaker === 'answers' ? this.#answers : this.#reachability).stateAt(now);
  }

  /**
   * @param gate the breaker that is asked; the outcome counts for both
   * @returns undefined if no call may be made now
   */
  admit(gate: BreakerName, now: number): CallPermits | undefined {
    const isGatedByAnswers = gate === 'answers';
    const permit = (isGatedByAnswers ? this.#answers : this.#reachability).admit(now);
    if (permit === undefined) return undefined;
    return isGatedByAnswers
      ? { answers: permit, reachability: this.#reachability.unasked }
      : { answers: this.#answers.unasked, reachability: permit };
  }

  settle({ answers, reachability }: CallPermits, outcome: CallOutcome, now: number): void {
    if (outcome === 'unknown') {
      this.#answers.abandoned(answers);
      this.#reachability.abandoned(reachability);
      return;
    }
    if (outcome === 'answered') this.#answers.succeeded(answers, now);
    else this.#answers.failed(answers, now);
    if (outcome === 'no-answer') this.#reachability.failed(reachability, now);
    else this.#reachability.succeeded(reachability, now);
  }
}
