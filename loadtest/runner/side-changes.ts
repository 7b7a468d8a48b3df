import type { Answer, Side } from '../src/answer-line.ts';
import type { WeightChange } from './route-weight.ts';

/** Where somebody was seen, at the lowest and the highest weight that may have been in force then. */
export type Sighting = { side: Side; lowest: number; highest: number; at: number };

/** Somebody who was where no threshold of his explains it. */
export type NeedlessChange = { person: number; legacy: Sighting | undefined; coach: Sighting | undefined };

/** Clocks of whole milliseconds: an instant may lie one beside. */
const CLOCK_STEP_MS = 1;

/**
 * Who changed sides without need.
 *
 * 1. Every user has one threshold t, 0 ≤ t < 100, and is on the coach exactly where the weight is above it. Which t, and by
 *    which hash, does not matter here.
 * 2. A request is decided somewhere between its question and its answer, a change comes into force somewhere between its
 *    own. A request that overlaps a change may count under either weight; the kinder one is taken.
 * 3. Seen on legacy at weight a, t ≥ a; seen on the coach at weight b, t < b. Somebody for whom both cannot hold has moved
 *    without need: legacy at a, and the coach at b ≤ a.
 * 4. An answer of the old side that stood in for the new one (`X-Edge-Fallback`) is no side.
 *
 * @param changes in their order, the weight before the first question included
 */
export function needlessChanges(answers: readonly Answer[], changes: readonly WeightChange[]): NeedlessChange[] {
  const people = Map.groupBy(
    answers.flatMap((answer) => {
      const sighting = sightingOf(answer, changes);
      return sighting ? [{ person: answer.person, sighting }] : [];
    }),
    ({ person }) => person,
  );
  return [...people].flatMap(([person, seen]) => {
    const change = contradiction(seen.map(({ sighting }) => sighting));
    return change ? [{ person, ...change }] : [];
  });
}

/** @returns undefined for what shows no side */
export function sightingOf(answer: Answer, changes: readonly WeightChange[]): Sighting | undefined {
  const { side, fallback, askedAt, elapsedMs } = answer;
  if (side === undefined || fallback !== undefined) return undefined;
  const from = askedAt - CLOCK_STEP_MS;
  const to = askedAt + elapsedMs + CLOCK_STEP_MS;
  const weights = changes
    .filter((change, index) => {
      const goneAt = changes[index + 1]?.answeredAt ?? Infinity;
      return change.askedAt <= to && from <= goneAt;
    })
    .map(({ weight }) => weight);
  return weights.length === 0
    ? undefined
    : { side, lowest: Math.min(...weights), highest: Math.max(...weights), at: askedAt };
}

function contradiction(seen: readonly Sighting[]): Omit<NeedlessChange, 'person'> | undefined {
  let legacy: Sighting | undefined;
  let coach: Sighting | undefined;
  for (const sighting of seen) {
    if (sighting.side === 'legacy' && (!legacy || sighting.lowest > legacy.lowest)) legacy = sighting;
    if (sighting.side === 'coach' && (!coach || sighting.highest < coach.highest)) coach = sighting;
  }
  const atLeast = legacy?.lowest ?? 0;
  const below = coach?.highest ?? 100;
  return atLeast < below ? undefined : { legacy, coach };
}
