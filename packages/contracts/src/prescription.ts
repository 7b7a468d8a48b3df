/**
 * The rules for intensity, weight and reps, written down once for monolith, importer and coach.
 *
 * A harder movement (difficulty 1–5) is suggested lighter and for fewer repetitions: 5 % of the load and one
 * repetition less for each step above 1.
 */

const LOAD_STEP_KG = 0.5;
const LOAD_CUT_PER_DIFFICULTY = 0.05;

/** Suggested load in kg, a multiple of 0.5; 0 stays 0 (body weight). */
export function suggestedWeightKg(baseWeightKg: number, difficulty: number): number {
  const load = baseWeightKg * (1 - LOAD_CUT_PER_DIFFICULTY * (difficulty - 1));
  return Math.round(load / LOAD_STEP_KG) * LOAD_STEP_KG;
}

/** Suggested repetitions, at least 1. */
export function suggestedReps(baseReps: number, difficulty: number): number {
  return Math.max(1, baseReps - (difficulty - 1));
}

/**
 * Intensity (0–1) of a muscle where a source names only its rank: primary muscles work fully, the first secondary one
 * at 0.6, each further one 0.1 less, none below 0.2.
 *
 * @param secondaryRank 0 for the first secondary muscle
 */
export function defaultIntensity(isPrimary: boolean, secondaryRank = 0): number {
  return isPrimary ? 1 : Math.max(2, 6 - secondaryRank) / 10;
}
