import type { Logger } from '@fit/service-kit/logger';

/** A Redis that takes connections and loses them again is not told more often. */
const SAY_EVERY_MS = 10_000;

/** Says in the log when Redis is lost, and when it is back: one line each, however many connections and attempts it took. */
export class ConnectionState {
  readonly #logger: Logger;
  readonly #redis: string;
  readonly #down = new Set<string>();
  #isSaid = false;
  #sayFrom = -Infinity;

  /** @param redis its address, as it may be shown */
  constructor(logger: Logger, redis: string) {
    this.#logger = logger;
    this.#redis = redis;
  }

  down(connection: string, cause: Error): void {
    this.#down.add(connection);
    if (this.#isSaid || performance.now() < this.#sayFrom) return;
    this.#isSaid = true;
    this.#sayFrom = performance.now() + SAY_EVERY_MS;
    this.#logger.warn({ redis: this.#redis, err: cause }, 'Redis cannot be reached; it is tried again');
  }

  up(connection: string): void {
    this.#down.delete(connection);
    if (this.#down.size > 0 || !this.#isSaid) return;
    this.#isSaid = false;
    this.#logger.info({ redis: this.#redis }, 'Redis can be reached again');
  }
}
