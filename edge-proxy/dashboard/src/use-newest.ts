import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useState } from 'preact/hooks';
import type { AdminClient } from './api/admin-client.ts';
import { RefusedError } from './api/problem.ts';
import { useLive } from './hooks.ts';

/** What a decision rests on: a change of somebody else's makes it a new one. */
export type Basis = { revision: number; weight: number };

/** What an answer or an event tells of a route. */
export type Known = Pick<RouteView, 'revision' | 'weight' | 'changed_by' | 'changed_at' | 'reason'>;

/** An answer tells of a change before the event does, which comes at most so much later. */
const EVENTS_LATE_MS = 2500;

/** The latest that is known of a route, be it from an event or from an answer that was quicker. */
export function useNewest(route: RouteView): [Known, (known: Known) => void] {
  const { receivedAt = 0 } = useLive();
  const [told, setTold] = useState<Known & { learntAt: number }>();
  const isAhead = told && told.revision > route.revision && receivedAt < told.learntAt + EVENTS_LATE_MS;
  return [isAhead ? told : route, (known) => setTold({ ...known, learntAt: Date.now() })];
}

/** What a refusal tells of a route: if it was for the revision, the route as it is now; else undefined. */
export async function learnt(
  error: unknown,
  { client, route, newest }: { client: AdminClient; route: string; newest: Known },
): Promise<Known | undefined> {
  if (!(error instanceof RefusedError) || error.problem.status !== 412) return undefined;
  return await client.route(route).catch(() => unknownChange(newest, error));
}

/** All that a 412 tells, for when more cannot be learnt. */
function unknownChange(before: Known, { problem }: RefusedError): Known {
  return {
    revision: problem.currentRevision ?? before.revision + 1,
    weight: problem.currentWeight ?? before.weight,
    changed_by: null,
    changed_at: null,
    reason: null,
  };
}
