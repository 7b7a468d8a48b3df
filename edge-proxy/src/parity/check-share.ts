/** So many answers of a route are checked in a second however few there are: with few people, each answer tells much. */
const FEWEST_PER_SECOND = 20;
const SECOND_MS = 1000;

/**
 * The share of answers whose content is looked at: a percentage, or more of them where there are few. It is one number for both
 * sides, whichever has fewer people or is slower: a gate that asks whether one of them breaks rules more often relies on it.
 */
export class CheckShare {
  #secondAt = -Infinity;
  #answers = 0;
  #answersBefore = 0;

  /** One more answer that could have been checked; at milliseconds of a steady clock. */
  answered(at: number): void {
    this.#turn(at);
    this.#answers++;
  }

  /** @returns 0 to 1: of what begins at that moment, by what was answered in the second so far, or in the one before */
  at(now: number, percent: number): number {
    this.#turn(now);
    return Math.min(1, Math.max(percent / 100, FEWEST_PER_SECOND / Math.max(this.#answers, this.#answersBefore)));
  }

  #turn(now: number): void {
    const passed = Math.floor((now - this.#secondAt) / SECOND_MS);
    if (passed < 1) return;
    this.#answersBefore = passed === 1 ? this.#answers : 0;
    this.#answers = 0;
    this.#secondAt = passed === 1 ? this.#secondAt + SECOND_MS : now;
  }
}
