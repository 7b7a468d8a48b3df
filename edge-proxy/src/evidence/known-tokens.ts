/** `verifiedUntil`: milliseconds since the epoch; 0 if a server behind accepted it and the edge did not look itself. */
type KnownToken = { readonly token: string; readonly verifiedUntil: number };

export type KnownTokensOptions = {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** So many people's tokens are kept, of up to a kilobyte or so each; default 10,000. */
  most?: number;
};

/** The last good token of each person, in memory alone: verified, or accepted by a server behind. */
export class KnownTokens {
  readonly #now: () => number;
  readonly #most: number;
  readonly #byPerson = new Map<number, KnownToken>();

  constructor({ now, most = 10_000 }: KnownTokensOptions) {
    this.#now = now;
    this.#most = most;
  }

  /** A server behind answered it well. It takes no place of one that was verified. */
  accepted(person: number, token: string): void {
    const known = this.#byPerson.get(person);
    if (known !== undefined && (known.token === token || known.verifiedUntil > this.#now())) return;
    this.#put(person, { token, verifiedUntil: 0 });
  }

  /** @param until milliseconds since the epoch */
  verified(person: number, token: string, until: number): void {
    this.#put(person, { token, verifiedUntil: until });
  }

  isKnown(person: number, token: string): boolean {
    return this.#byPerson.get(person)?.token === token;
  }

  isVerified(person: number, token: string): boolean {
    const known = this.#byPerson.get(person);
    return known !== undefined && known.token === token && known.verifiedUntil > this.#now();
  }

  /** Who came first goes first. */
  #put(person: number, known: KnownToken): void {
    if (this.#byPerson.size >= this.#most && !this.#byPerson.has(person)) {
      const [first] = this.#byPerson.keys();
      this.#byPerson.delete(first!);
    }
    this.#byPerson.set(person, known);
  }
}
