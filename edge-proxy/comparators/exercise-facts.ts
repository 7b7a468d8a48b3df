import type { SuggestedExercise } from '@fit/contracts/workout-of-the-day';
import type { CompareRules, Difference } from '../src/parity/comparator.ts';
import { compareJson } from '../src/parity/comparison.ts';
import { RememberedExercises } from './remembered-exercises.ts';
import type { Remembered } from './remembered-exercises.ts';

type Sides<Value> = { readonly old: Value; readonly new: Value };

/** For so long a new side may go on with what the catalogue said before a change: it keeps a copy of it. */
const LAG_MS = 10 * 60_000;

/**
 * The same exercise is the same on both sides. Two draws of six out of hundreds have hardly ever one in common, so each side's
 * words are remembered for a while.
 *
 * All that is said of an exercise is a function of the catalogue, weight and repetitions too. Where the catalogue changes, the
 * old side, whose it is, changes first:
 *
 * ```
 * old  F1 F1 F2 F2 F2      F1 of the new side: what the old one said before, not long ago
 * new  F1 F1 F1 F1 F2      F2 of the new side while the old one was not seen since: it will say so, too
 * ```
 */
export class ExerciseFacts {
  readonly #rules: CompareRules;
  readonly #said: Sides<RememberedExercises> = { old: new RememberedExercises(), new: new RememberedExercises() };

  constructor(rules: CompareRules) {
    this.#rules = rules;
  }

  /** @param now milliseconds of any clock */
  compare(exercises: Sides<readonly SuggestedExercise[]>, now: number): Difference[] {
    for (const exercise of exercises.old) this.#said.old.remember(exercise, now);
    for (const exercise of exercises.new) this.#said.new.remember(exercise, now);
    const ids = new Set([...exercises.old, ...exercises.new].map(({ id }) => id));
    return [...ids].flatMap((id) => this.#differences(id, now));
  }

  #differences(id: number, now: number): Difference[] {
    const known = { old: this.#said.old.get(id), new: this.#said.new.get(id) };
    const words = { old: this.#said.old.wordsOf(id, now), new: this.#said.new.wordsOf(id, now) };
    if (!known.old || !known.new || !words.old || !words.new) return [];
    if (known.old.digest === known.new.digest || isLag(known.old, known.new, now)) return [];
    return compareJson(words, 'body.exercises[]', this.#rules);
  }
}

function isLag(old: Remembered, fresh: Remembered, now: number): boolean {
  const isBehind = old.digestBefore === fresh.digest && now - old.changedAt < LAG_MS;
  const isAhead = fresh.digestBefore === old.digest && old.at < fresh.changedAt;
  return isBehind || isAhead;
}
