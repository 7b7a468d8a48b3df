import { createHash } from 'node:crypto';
import type { SuggestedExercise } from '@fit/contracts/workout-of-the-day';

/** What a side said of an exercise: the exercise, with what is long in it shortened to text that differs where it differs. */
type ExerciseSaid = Readonly<Record<keyof SuggestedExercise, unknown>>;

/** What a side last said of an exercise. */
export type Remembered = {
  /** Of all of it. */
  readonly digest: string;
  readonly at: number;
  /** What it said before it last said something new, and when that was. */
  readonly digestBefore: string | undefined;
  readonly changedAt: number;
};

/** The words themselves are kept for so long; digests for as long as there is room. */
export const HOLDS_MS = 60_000;
/** What is longer is shortened: 48 groups of muscles, or a page of description. */
export const MOST_MEMBER_CHARACTERS = 4096;
const SHOWN_CHARACTERS = 200;
/** Of one side: exercises, and characters of their words as JSON. */
const MOST_EXERCISES = 5000;
export const MOST_CHARACTERS = 4 * 1024 * 1024;

type Words = { readonly said: ExerciseSaid; readonly characters: number; readonly at: number };

/** What one side said, in bounded room: an answer may hold as much as it likes, and always something new. */
export class RememberedExercises {
  /** The one that was not heard of for longest is the first of both. */
  readonly #known = new Map<number, Remembered>();
  readonly #words = new Map<number, Words>();
  #characters = 0;

  /** @param now milliseconds of any clock */
  remember(exercise: SuggestedExercise, now: number): void {
    const ordered = inOrder(exercise);
    this.#note(exercise.id, digestOf(JSON.stringify(ordered)), now);
    const said = shortened(ordered);
    this.#forgetWords(exercise.id);
    this.#words.set(exercise.id, { said, characters: JSON.stringify(said).length, at: now });
    this.#characters += this.#words.get(exercise.id)!.characters;
    this.#tidy(now);
  }

  get(id: number): Remembered | undefined {
    return this.#known.get(id);
  }

  /** Undefined if it is too long ago, or there was no room. */
  wordsOf(id: number, now: number): ExerciseSaid | undefined {
    const words = this.#words.get(id);
    return words && words.at >= now - HOLDS_MS ? words.said : undefined;
  }

  get size(): { exercises: number; words: number; characters: number } {
    return { exercises: this.#known.size, words: this.#words.size, characters: this.#characters };
  }

  #note(id: number, digest: string, at: number): void {
    const known = this.#known.get(id);
    this.#known.delete(id);
    const isNew = known !== undefined && known.digest !== digest;
    const { digestBefore, changedAt } = isNew
      ? { digestBefore: known.digest, changedAt: at }
      : { digestBefore: known?.digestBefore, changedAt: known?.changedAt ?? at };
    this.#known.set(id, { digest, at, digestBefore, changedAt });
  }

  #tidy(now: number): void {
    for (const id of this.#known.keys()) {
      if (this.#known.size <= MOST_EXERCISES) break;
      this.#known.delete(id);
      this.#forgetWords(id);
    }
    for (const [id, { at }] of this.#words) {
      if (at >= now - HOLDS_MS && this.#characters <= MOST_CHARACTERS) break;
      this.#forgetWords(id);
    }
  }

  #forgetWords(id: number): void {
    this.#characters -= this.#words.get(id)?.characters ?? 0;
    this.#words.delete(id);
  }
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

function shortened(exercise: SuggestedExercise): ExerciseSaid {
  const members = Object.entries(exercise).map(([name, value]): [string, unknown] => [name, excerptOf(value)]);
  return Object.fromEntries(members) as ExerciseSaid;
}

function excerptOf(value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= MOST_MEMBER_CHARACTERS) return value;
  // By bytes: a slice of a string keeps the whole string.
  const start = Buffer.from(text.slice(0, SHOWN_CHARACTERS)).toString();
  return `${start}… (${text.length} characters, SHA-256 ${digestOf(text)})`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
