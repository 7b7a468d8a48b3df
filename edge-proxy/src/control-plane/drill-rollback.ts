import { isUnderWay } from '../domain/ramp.ts';
import { nextState } from '../domain/route-state.ts';
import type { Author, RouteState } from '../domain/route-state.ts';
import { NOBODY, revision as revisionOf } from '../domain/weight.ts';
import type { ChangeRoute } from './change-route.ts';
import { serves } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import type { DrillResult } from './route-control.ts';

export type DrillOptions = { door: ChangeRoute; fleet: Fleet; stateOf: (route: string) => RouteState | undefined };

/** How the reason of a drill's rollback begins. */
export const DRILL = 'drill: ';
/** How long the edges that live may take to acknowledge it. */
const WAIT_MS = 10_000;

/** Sends everybody back as in an emergency, measures how long that took on every edge, and restores what was. */
export async function drillRollback(
  { route, changedBy, reason }: Author & { route: string },
  { door, fleet, stateOf }: DrillOptions,
): Promise<DrillResult> {
  const before = stateOf(route);
  if (!before) return { kind: 'unknown-route' };
  const obstacle = obstacleTo(before);
  if (obstacle !== undefined) return { kind: 'refused', detail: obstacle };
  // Without the store there is a way back, and none forth again.
  const cause = await fleet.look().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (cause) return { kind: 'unavailable', cause: cause.error, maybeWritten: false };
  const startedAt = performance.now();
  const back = await door.rollback({ route, changedBy, reason: `${DRILL}${reason}` });
  if (back.kind !== 'changed') return back;
  const { revision } = back.after;
  await fleet.untilServed({ route, revision, timeoutMs: WAIT_MS }, () => fleet.living);
  const rollbackMs = performance.now() - startedAt;
  const replicas = fleet.living;
  const acknowledged = back.isStored && replicas.every((replica) => serves(replica, route, revision));
  // Somebody else's change between may have been a rollback that was meant.
  const isOnlyOne = revision === before.revision + 1;
  const restored = isOnlyOne
    ? await restore(before, { door, changedBy, reason: `drill is over: ${reason}` })
    : undefined;
  return { kind: 'drilled', rollbackMs, acknowledged, replicas: replicas.length, restored };
}

async function restore(
  { route, revision, weight, ramp }: RouteState,
  { door, ...author }: Author & { door: ChangeRoute },
): Promise<RouteState | undefined> {
  const result = await door.change({
    route,
    expected: revisionOf(revision + 1),
    next: (current, at) => nextState(current, { weight, ramp }, author, at),
  });
  return result.kind === 'changed' ? result.after : undefined;
}

function obstacleTo({ route, weight, retired, ramp }: RouteState): string | undefined {
  if (retired) return `Route ${route} is retired: there is no way back to drill`;
  if (weight === NOBODY) return `Route ${route} is at 0 %: nobody could be sent back`;
  if (ramp && isUnderWay(ramp)) return `A ramp of ${route} is under way (${ramp.phase}): a drill would end it`;
  return undefined;
}
