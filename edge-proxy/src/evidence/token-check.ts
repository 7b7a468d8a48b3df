import { KnownTokens } from './known-tokens.ts';
import type { TokenVerdict } from './verify-token.ts';

export type TokenCheckOptions = {
  /** May take the network's time: nobody waits for it. It never rejects. */
  verify: (authorization: string) => Promise<TokenVerdict>;
  /** Each time that nobody can tell whether a token is genuine; `reason` has nothing of the token in it. */
  onUnverifiable?: (reason: string) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 to below 1. */
  random: () => number;
  /** Between two signatures; default 5, so 200 a second at most. */
  pauseMs?: number;
};

/** What follows from a token; neither throws. */
export type Told = {
  readonly genuine: () => void;
  /**
   * It may well be genuine, and this edge cannot tell: the key set is out of reach, or a server behind accepted this very
   * token, which the edge cannot verify. Forged ones are none of these while keys can be had.
   */
  readonly unverifiable?: () => void;
};

type Waiting = { readonly person: number; readonly authorization: string; readonly told: Told };

/** In each of the two lines. */
const MOST_WAITING = 128;

/**
 * Verifies tokens off the request path, in bounded memory and at a bounded rate, whatever is sent: one signature at a
 * time, with a pause before each.
 *
 * Tokens that a server behind accepted before wait in a line of their own, which goes first: a flood of forged ones,
 * which none accepts, cannot keep them from their turn. In a line that is full, whoever comes takes a random place, so
 * that no flood has all of them.
 */
export class TokenCheck {
  readonly #options: TokenCheckOptions;
  readonly #known: KnownTokens;
  readonly #trusted: Waiting[] = [];
  readonly #strangers: Waiting[] = [];
  #isAtWork = false;

  constructor(options: TokenCheckOptions) {
    this.#options = options;
    this.#known = new KnownTokens({ now: options.now });
  }

  /** Called on the request path: a server behind answered a request with this token well. @param hash of the person */
  accepted(hash: number, authorization: string): void {
    this.#known.accepted(hash | 0, authorization);
  }

  /** Calls back at once if the token is known to be genuine, else in its turn, if it gets one. */
  check(hash: number, authorization: string, told: Told): void {
    const person = hash | 0;
    if (this.#known.isVerified(person, authorization)) return told.genuine();
    const line = this.#known.isKnown(person, authorization) ? this.#trusted : this.#strangers;
    const place = line.length < MOST_WAITING ? line.length : Math.floor(this.#options.random() * MOST_WAITING);
    line[place] = { person, authorization, told };
    if (!this.#isAtWork) this.#pause();
  }

  /** Tokens whose turn is still to come. */
  get waiting(): number {
    return this.#trusted.length + this.#strangers.length;
  }

  #pause(): void {
    this.#isAtWork = true;
    setTimeout(() => void this.#next(), this.#options.pauseMs ?? 5).unref();
  }

  async #next(): Promise<void> {
    const next = this.#take();
    if (next) await this.#tell(next);
    if (this.waiting > 0) this.#pause();
    else this.#isAtWork = false;
  }

  /** The next that needs a turn: those whose token was verified meanwhile do not. */
  #take(): Waiting | undefined {
    for (;;) {
      const next = this.#trusted.shift() ?? this.#strangers.shift();
      if (!next || !this.#known.isVerified(next.person, next.authorization)) return next;
      next.told.genuine();
    }
  }

  async #tell({ person, authorization, told }: Waiting): Promise<void> {
    const verdict = await this.#options.verify(authorization);
    if (verdict.kind === 'genuine') {
      this.#known.verified(person, authorization, verdict.expiresAt * 1000);
      return told.genuine();
    }
    if (verdict.kind === 'false' || !told.unverifiable) return;
    if (verdict.kind === 'foreign' && !this.#known.isKnown(person, authorization)) return;
    this.#options.onUnverifiable?.(verdict.reason);
    told.unverifiable();
  }
}
