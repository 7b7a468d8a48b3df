import type { Logger } from '@fit/service-kit/logger';

/** Said once, and then at most so often, with how many there were. */
const SAY_EVERY_MS = 60_000;

/** A warning of something that may come in any number. */
export class Complaint {
  readonly #logger: Logger;
  readonly #message: string;
  #count = 0;
  #sayFrom = -Infinity;

  constructor(logger: Logger, message: string) {
    this.#logger = logger;
    this.#message = message;
  }

  add(why: string): void {
    this.#count++;
    if (performance.now() < this.#sayFrom) return;
    this.#logger.warn({ why, count: this.#count }, this.#message);
    this.#count = 0;
    this.#sayFrom = performance.now() + SAY_EVERY_MS;
  }
}
