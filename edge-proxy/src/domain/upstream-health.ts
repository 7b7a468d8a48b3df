import { Breaker, NO_PERMIT } from './breaker.ts';
import type { BreakerSettings, BreakerState, Permit } from './breaker.ts';

/**
 * Two breakers for an upstream, since a server that answers errors still answers:
 * - `reachability` opens on calls that got no answer, and then nothing is sent that nobody else can answer;
 * - `answers` opens on those and on 5xx, and then nothing is sent that another server could answer. It learns from calls
 *   of that kind alone: one broken path of a monolith takes neither its other paths away nor its help for a new side.
 */
export type BreakerName = 'answers' | 'reachability';

/** How a call ended, as far as it says something about the upstream. */
export type CallOutcome =
  | 'answered'
  | 'server-error'
  | 'no-answer'
  /** None came in the time that a request had for it, which is not the upstream's own: too late for that request alone. */
  | 'too-late'
  /** It was never sent, or its client left: no evidence. */
  | 'unknown';

/** Leave for one call, to be given back with its outcome. */
export type CallPermit = { readonly gate: BreakerName; readonly own: Permit; readonly reachability: Permit };

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
   * @param gate the breaker that is asked
   * @returns undefined if no call may be made now
   */
  admit(gate: BreakerName, now: number, kind?: { isUpload: boolean }): CallPermit | undefined {
    const own = (gate === 'answers' ? this.#answers : this.#reachability).admit(now, kind);
    if (own === undefined) return undefined;
    // Not asked for leave, reachability learns from the call all the same, as far as it would have given it.
    return { gate, own, reachability: gate === 'answers' ? (this.#reachability.admit(now, kind) ?? NO_PERMIT) : own };
  }

  settle({ gate, own, reachability }: CallPermit, outcome: CallOutcome, now: number): void {
    if (gate === 'answers') settle(this.#answers, own, { outcome, isFailure: outcome !== 'answered', now });
    const told = outcome === 'too-late' ? 'unknown' : outcome;
    settle(this.#reachability, reachability, { outcome: told, isFailure: outcome === 'no-answer', now });
  }
}

function settle(
  breaker: Breaker,
  permit: Permit,
  { outcome, isFailure, now }: { outcome: CallOutcome; isFailure: boolean; now: number },
): void {
  if (outcome === 'unknown') breaker.abandoned(permit);
  else if (isFailure) breaker.failed(permit, now);
  else breaker.succeeded(permit, now);
}
