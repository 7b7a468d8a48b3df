import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WorkBudget } from './work-budget.ts';

/** Time between the requests of people: one piece of work in each turn of the event loop, and all of them within a budget. */
export class SpareTime {
  readonly #budget: WorkBudget;
  #last: Promise<unknown> = Promise.resolve();

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  get isThere(): boolean {
    return this.#budget.isOpen;
  }

  spend(costMs: number): void {
    this.#budget.spend(costMs);
  }

  /** @returns what the work returns; `busy`, without having done it, if there is no time left. Rejects if the work throws */
  async use<Result>(work: () => Result): Promise<Result | 'busy'> {
    const turn = this.#last.then(() => nextTurn());
    this.#last = turn;
    await turn;
    return this.#budget.isOpen ? this.#budget.run(work) : 'busy';
  }
}
