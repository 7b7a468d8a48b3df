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
    await this.#turn();
    return this.#budget.isOpen ? this.#budget.run(work) : 'busy';
  }

  /**
   * The same for work that was let in while `isThere`, and is charged whatever is left by now: so what took longer to prepare
   * is not left out more often. For little at once.
   */
  async finish<Result>(work: () => Result): Promise<Result> {
    await this.#turn();
    return this.#budget.run(work);
  }

  async #turn(): Promise<void> {
    const turn = this.#last.then(() => nextTurn());
    this.#last = turn;
    await turn;
  }
}
