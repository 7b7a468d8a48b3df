/** Counts what is under way and says when there is no room for more. */
export class ConcurrencyLimit {
  readonly #max: number;
  #inFlight = 0;

  /** @param max at least 1 */
  constructor(max: number) {
    if (!(max >= 1)) throw new RangeError(`max must be at least 1, received ${max}`);
    this.#max = max;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether there was room; if so, `leave` must follow. */
  tryEnter(): boolean {
    if (this.#inFlight >= this.#max) return false;
    this.#inFlight++;
    return true;
  }

  leave(): void {
    this.#inFlight--;
  }
}
