import { RollingCounts } from './rolling-counts.ts';

export type BreakerSettings = {
  /** So many failures in a row open it; from 1. */
  failures: number;
  /** So does this share of the calls of the last `windowMs`, 1–100, once there were `minimumCalls`. */
  percent: number;
  minimumCalls: number;
  windowMs: number;
  /** It stays open so long at first, twice as long after each probe that failed, up to `maxOpenMs`. */
  openMs: number;
  maxOpenMs: number;
};

export type BreakerState = 'closed' | 'half-open' | 'open';

/**
 * Leave to make a call: its outcome counts only while the breaker is still in the state in which it was given. Twice the
 * number of the stay in that state, and one more for an upload.
 */
export type Permit = number;

/** Of a call that is made although no leave was given: its outcome is ignored. */
export const NO_PERMIT: Permit = -1;

/** At most so many calls try whether an upstream is back; all of them must succeed. */
const PROBES = 3;
const BUCKETS = 8;

/**
 * A circuit breaker (Nygard, Release It!, "Circuit Breaker"): closed → open on failures → half open after a while, for
 * three probes → closed if all succeed, open again, for longer, if one fails. Probes that come to no end give their places up
 * to others; an upload, whose client decides when it ends, has one place at most, and nobody waits for it. Outcomes of calls that began in an earlier
 * state say nothing about this one and are ignored. Every permit must be given back, by `succeeded`, `failed` or
 * `abandoned`. The clock is handed in: milliseconds that never go back.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  readonly #counts: RollingCounts;
  readonly #changed: (state: BreakerState) => void;
  #state: BreakerState = 'closed';
  /** Names the stay in a state. */
  #stay = 0;
  #failuresInRow = 0;
  #openMs: number;
  #since = 0;
  #probesOut = 0;
  #uploadsOut = 0;
  #probesDone = 0;

  /** @param changed is told each state that it enters */
  constructor(settings: BreakerSettings, changed: (state: BreakerState) => void = () => undefined) {
    this.#settings = settings;
    this.#changed = changed;
    this.#counts = new RollingCounts({ windowMs: settings.windowMs, buckets: BUCKETS });
    this.#openMs = settings.openMs;
  }

  /** As `admit` would see it at that time. */
  stateAt(now: number): BreakerState {
    return this.#state === 'open' && now - this.#since >= this.#openMs ? 'half-open' : this.#state;
  }

  /** @returns undefined if no call may be made now */
  admit(now: number, { isUpload = false } = {}): Permit | undefined {
    const state = this.stateAt(now);
    if (state === 'open') return undefined;
    if (state === 'half-open' && !this.#takeProbe(now, isUpload)) return undefined;
    return this.#stay * 2 + (isUpload ? 1 : 0);
  }

  succeeded(permit: Permit, now: number): void {
    if (!this.#isCurrent(permit)) return;
    if (this.#state === 'half-open') return this.#probeSucceeded(permit, now);
    this.#failuresInRow = 0;
    this.#counts.add(now, false);
  }

  failed(permit: Permit, now: number): void {
    if (!this.#isCurrent(permit)) return;
    if (this.#state === 'half-open') {
      this.#openMs = Math.min(this.#openMs * 2, this.#settings.maxOpenMs);
      return this.#enter('open', now);
    }
    this.#failuresInRow++;
    this.#counts.add(now, true);
    if (this.#isTooMuch(now)) this.#enter('open', now);
  }

  /** The call ended without saying anything about the upstream: the client left, or it never was sent. */
  abandoned(permit: Permit): void {
    if (this.#isCurrent(permit) && this.#state === 'half-open') this.#giveProbeBack(permit);
  }

  #isCurrent(permit: Permit): boolean {
    return Math.floor(permit / 2) === this.#stay;
  }

  #isTooMuch(now: number): boolean {
    const { failures, percent, minimumCalls } = this.#settings;
    if (this.#failuresInRow >= failures) return true;
    const { all, hits } = this.#counts.at(now);
    return all >= minimumCalls && hits * 100 >= percent * all;
  }

  #takeProbe(now: number, isUpload: boolean): boolean {
    if (this.#state === 'open') this.#enter('half-open', now);
    if (now - this.#since >= this.#settings.maxOpenMs) {
      this.#since = now;
      this.#probesOut = 0;
      this.#uploadsOut = 0;
    }
    const isFull = this.#probesOut + this.#uploadsOut + this.#probesDone >= PROBES;
    if (isFull || (isUpload && this.#uploadsOut > 0)) return false;
    if (isUpload) this.#uploadsOut++;
    else this.#probesOut++;
    this.#closeIfProven(now);
    return true;
  }

  /** Its place may be somebody else's by now. */
  #giveProbeBack(permit: Permit): void {
    if (permit % 2 === 1) this.#uploadsOut = Math.max(0, this.#uploadsOut - 1);
    else this.#probesOut = Math.max(0, this.#probesOut - 1);
  }

  #probeSucceeded(permit: Permit, now: number): void {
    this.#giveProbeBack(permit);
    this.#probesDone++;
    this.#closeIfProven(now);
  }

  #closeIfProven(now: number): void {
    if (this.#probesDone < PROBES - this.#uploadsOut) return;
    this.#openMs = this.#settings.openMs;
    this.#enter('closed', now);
  }

  #enter(state: BreakerState, now: number): void {
    this.#state = state;
    this.#stay++;
    this.#since = now;
    this.#failuresInRow = 0;
    this.#probesOut = 0;
    this.#uploadsOut = 0;
    this.#probesDone = 0;
    this.#counts.clear();
    this.#changed(state);
  }
}
