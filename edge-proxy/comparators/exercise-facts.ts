import type { SuggestedExercise } from '@fit/contracts/workout-of-the-day';
import type { CompareRules, Difference } from '../src/parity/comparator.ts';
import { compareJson } from '../src/parity/comparison.ts';

/** What a side said of an exercise. */
type Seen = {
  readonly facts: SuggestedExercise;
  /** The same as text. */
  readonly text: string;
  readonly at: number;
  /** What it said before it last said something new, and when that was. */
  readonly before: string | undefined;
  readonly changedAt: number;
};

type Sides<Value> = { readonly old: Value; readonly new: Value };

/** What was said longer ago is not held against the other side. */
const HOLDS_MS = 60_000;
/** For so long a new side may go on with what the catalogue said before a change: it keeps a copy of it. */
const LAG_MS = 10 * 60_000;
/** Exercises that are remembered. */
const MOST_EXERCISES = 5000;

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
  readonly #seen: Sides<Map<number, Seen>> = { old: new Map(), new: new Map() };

  constructor(rules: CompareRules) {
    this.#rules = rules;
  }

  /** @param now milliseconds of any clock */
  compare(exercises: Sides<readonly SuggestedExercise[]>, now: number): Difference[] {
    for (const exercise of exercises.old) remember(this.#seen.old, exercise, now);
    for (const exercise of exercises.new) remember(this.#seen.new, exercise, now);
    const ids = new Set([...exercises.old, ...exercises.new].map(({ id }) => id));
    return [...ids].flatMap((id) => this.#differences(id, now));
  }

  #differences(id: number, now: number): Difference[] {
    const old = this.#seen.old.get(id);
    const fresh = this.#seen.new.get(id);
    if (!old || !fresh || Math.min(old.at, fresh.at) < now - HOLDS_MS) return [];
    if (old.text === fresh.text || isLag(old, fresh, now)) return [];
    return compareJson({ old: old.facts, new: fresh.facts }, 'body.exercises[]', this.#rules);
  }
}

function isLag(old: Seen, fresh: Seen, now: number): boolean {
  const isBehind = old.before === fresh.text && now - old.changedAt < LAG_MS;
  const isAhead = fresh.before === old.text && old.at < fresh.changedAt;
  return isBehind || isAhead;
}

function remember(seen: Map<number, Seen>, exercise: SuggestedExercise, now: number): void {
  const facts = inOrder(exercise);
  const text = JSON.stringify(facts);
  const known = seen.get(exercise.id);
  const { before, changedAt } =
    known && known.text !== text
      ? { before: known.text, changedAt: now }
      : { before: known?.before, changedAt: known?.changedAt ?? now };
  // The one that was not seen for longest is the first.
  seen.delete(exercise.id);
  seen.set(exercise.id, { facts, text, at: now, before, changedAt });
  if (seen.size > MOST_EXERCISES) seen.delete(seen.keys().next().value!);
}

/** The order of muscle groups says nothing, nor does that of members. */
function inOrder({ id, name, description, difficulty, ...rest }: SuggestedExercise): SuggestedExercise {
  const { muscle_groups, suggested_weight, suggested_reps } = rest;
  const groups = muscle_groups
    .map((group) => ({
      id: group.id,
      name: group.name,
      body_part: group.body_part,
      is_primary: group.is_primary,
      intensity: group.intensity,
    }))
    .sort((a, b) => a.id - b.id);
  return { id, name, description, difficulty, muscle_groups: groups, suggested_weight, suggested_reps };
}
