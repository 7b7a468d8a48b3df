/** Who leads among the stores of one process. The clock is handed in: milliseconds that never go back. */
export class MemoryLease {
  readonly #now: () => number;
  #holder: string | undefined;
  #until = -Infinity;
  /** Of the last leader; it only grows. */
  #token = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns the token, or undefined while another one leads */
  take(holder: string, ttlMs: number): number | undefined {
    const now = this.#now();
    const isLed = now < this.#until;
    if (isLed && this.#holder !== holder) return undefined;
    if (!isLed) this.#token++;
    this.#holder = holder;
    this.#until = now + ttlMs;
    return this.#token;
  }

  giveUp(holder: string): void {
    if (this.#holder === holder) this.#until = -Infinity;
  }

  /** Nobody leads any more, and no token counts. */
  lose(): void {
    this.#until = -Infinity;
    this.#token++;
  }

  /** Whether nobody has led since the one with this token. */
  isLast(token: number): boolean {
    return token === this.#token;
  }
}
