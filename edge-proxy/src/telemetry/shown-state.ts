import type { RouteState } from '../domain/route-state.ts';

/** A state as a line of the log has it; the weight in percent. */
export function shown({ route, revision, weight, changedBy, reason }: RouteState) {
  return { route, revision, weight: weight / 100, changedBy, reason };
}
