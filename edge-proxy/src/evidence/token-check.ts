import { KnownTokens } from './known-tokens.ts';

export type TokenCheckOptions = {
  /**
   * Rejects what is not genuine, and what cannot be told to be without the network. `expiresAt`: seconds since the epoch.
   */
  verify: (authorization: string) => Promise<{ readonly expiresAt: number }>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 to below 1. */
  random: () => number;
  /** Between two signatures; default 5, so 200 a second at most. */
  pauseMs?: number;
};

type Waiting = { readonly person: number; readonly authorization: string; readonly counts: () => void };

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

  /** Calls back if the token is genuine: at once if that is known, else in its turn, if it gets one. It must not throw. */
  ifGenuine(hash: number, authorization: string, counts: () => void): void {
    const person = hash | 0;
    if (this.#known.isVerified(person, authorization)) return counts();
    const line = this.#known.isKnown(person, authorization) ? this.#trusted : this.#strangers;
    const place = line.length < MOST_WAITING ? line.length : Math.floor(this.#options.random() * MOST_WAITING);
    line[place] = { person, authorization, counts };
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
    if (next && (await this.#isGenuine(next))) next.counts();
    if (this.waiting > 0) this.#pause();
    else this.#isAtWork = false;
  }

  /** The next that needs a turn: those whose token was verified meanwhile do not. */
  #take(): Waiting | undefined {
    for (;;) {
      const next = this.#trusted.shift() ?? this.#strangers.shift();
      if (!next || !this.#known.isVerified(next.person, next.authorization)) return next;
      next.counts();
    }
  }

  async #isGenuine({ person, authorization }: Waiting): Promise<boolean> {
    try {
      const { expiresAt } = await this.#options.verify(authorization);
      this.#known.verified(person, authorization, expiresAt * 1000);
      return true;
    } catch {
      return false;
    }
  }
}
