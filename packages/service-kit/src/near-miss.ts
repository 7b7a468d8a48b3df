import { KNOWN_VARIABLES } from './known-variables.ts';
import type { Logger } from './logger.ts';

/** A variable that is set and that nobody reads, and the one that was probably meant. Values are none of its business. */
export type NearMiss = { variable: string; meant: string };

/**
 * The variables that are set and are one slip away from one that is read: a character too many, missing, wrong, or swapped
 * with its neighbour. A digit at the end is none: `PORT0` and `PORT1` are somebody's who counts.
 *
 * @param read names that the process reads
 * @param known names that are no slips, whoever reads them
 */
export function nearMisses(
  env: NodeJS.ProcessEnv,
  read: readonly string[],
  known: readonly string[] = KNOWN_VARIABLES,
): NearMiss[] {
  const right = new Set([...read, ...known]);
  return Object.keys(env)
    .filter((variable) => !right.has(variable) && !/\d$/.test(variable))
    .flatMap((variable) => {
      const meant = read.find((name) => isOneSlipAway(variable, name));
      return meant === undefined ? [] : [{ variable, meant }];
    });
}

/** Whether one insertion, deletion, substitution or swap of neighbours makes one of the other. */
export function isOneSlipAway(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  if (a.length !== b.length) {
    const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
    return shorter.slice(from) === longer.slice(from + 1);
  }
  const isSwapped = a[from] === b[from + 1] && a[from + 1] === b[from];
  return a.slice(from + 1) === b.slice(from + 1) || (isSwapped && a.slice(from + 2) === b.slice(from + 2));
}

/** For people: one sentence each. */
export function sayNearMiss({ variable, meant }: NearMiss): string {
  return `The environment variable ${variable} is set, but nothing reads it; was ${meant} meant?`;
}

/** One line for all of them; none if there are none. */
export function warnOfNearMisses(logger: Logger, misses: readonly NearMiss[]): void {
  if (misses.length > 0) logger.warn({ variables: misses }, 'environment variables are set that nothing reads');
}
