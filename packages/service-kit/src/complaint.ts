import type { Logger } from './logger.ts';

/** Said once, and then at most so often, with how many there were. */
const SAY_EVERY_MS = 60_000;

/** A line in the log of something that may come in any number. */
export class Complaint {
  readonly #say: (facts: object) => void;
  #count = 0;
  #sayFrom = -Infinity;

  constructor(logger: Logger, message: string, level: 'warn' | 'error' = 'warn') {
    this.#say = (facts) => logger[level](facts, message);
  }

  add(facts: object): void {
    this.#count++;
    if (performance.now() < this.#sayFrom) return;
    this.#say({ ...facts, count: this.#count });
    this.#count = 0;
    this.#sayFrom = performance.now() + SAY_EVERY_MS;
  }
}
