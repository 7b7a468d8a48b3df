/** In which ways the coach's new release can turn bad. */
export const FAULTS = ['errors', 'slow', 'wrong', 'unauthorized'] as const;
/**
 * - `errors`: 500;
 * - `slow`: right, and later than the route's objective;
 * - `wrong`: 200 with five exercises, or with one of six twice;
 * - `unauthorized`: 401, whatever the token.
 */
export type Fault = (typeof FAULTS)[number];
export type Turn = 'good' | Fault;

/** What the new release is told; without `turn` it only reports. Answered with a `Report`. */
export type Order = { turn?: Turn };

/** What it did. */
export type Report = {
  /** Requests for a workout since it started. */
  workouts: number;
  /** Badly answered since it turned last. */
  bad: number;
  /** When the first of these requests came; milliseconds since 1970. */
  firstBadAt: number | null;
};
