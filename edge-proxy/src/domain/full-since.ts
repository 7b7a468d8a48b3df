import type { RouteState } from './route-state.ts';
import { EVERYBODY } from './weight.ts';

/** A way back that was undone sooner, such as a drill, is no break. */
const LONGEST_DRILL_MS = 60_000;

/**
 * Since when a route has been at 100 %, by its changes.
 *
 * @param entries the newest changes, newest first, without a gap
 * @returns `since` in milliseconds since the epoch, undefined if it is not at 100 %; `isCertain` is false if older changes
 *   could tell an earlier time
 */
export function fullSince(
  current: Pick<RouteState, 'weight' | 'changedAt'>,
  entries: readonly Pick<RouteState, 'weight' | 'changedAt'>[],
): { since: number | undefined; isCertain: boolean } {
  if (current.weight !== EVERYBODY) return { since: undefined, isCertain: true };
  let since = Date.parse(current.changedAt);
  for (const [at, { weight, changedAt }] of entries.entries()) {
    const time = Date.parse(changedAt);
    if (weight === EVERYBODY) since = time;
    else if (since - time > LONGEST_DRILL_MS || entries[at + 1]?.weight !== EVERYBODY) {
      return { since, isCertain: entries[at + 1] !== undefined || since - time > LONGEST_DRILL_MS };
    }
  }
  return { since, isCertain: false };
}
