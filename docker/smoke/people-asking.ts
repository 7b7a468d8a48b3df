import type { FrontDoor, Person } from './front-door.ts';

export type Asked = {
  /** Answered by the contract. */
  answered: number;
  /** Answered by each side, as X-Served-By names it. */
  bySide: Record<string, number>;
  fallbacks: number;
  failures: string[];
};

/** People who ask for workouts, one after the other each, until they are stopped. */
export class PeopleAsking {
  readonly seen: Asked = { answered: 0, bySide: {}, fallbacks: 0, failures: [] };
  readonly #asking: Promise<void>[];
  #isStopping = false;

  constructor(door: FrontDoor, people: readonly Person[]) {
    this.#asking = people.map(async (person) => {
      while (!this.#isStopping) await this.#askOnce(door, person);
    });
  }

  async stop(): Promise<Asked> {
    this.#isStopping = true;
    await Promise.all(this.#asking);
    return this.seen;
  }

  async #askOnce(door: FrontDoor, person: Person): Promise<void> {
    try {
      const { by, fallback } = await door.workout(person);
      this.seen.answered++;
      this.seen.bySide[by ?? 'nobody'] = (this.seen.bySide[by ?? 'nobody'] ?? 0) + 1;
      if (fallback !== null) this.seen.fallbacks++;
    } catch (error) {
      const { message, cause } = error as Error;
      this.seen.failures.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
    }
  }
}
