import type { SeenReplica } from '../control-plane/route-store.ts';
import type { BreakerState } from '../domain/breaker.ts';
import type { Side } from '../domain/split.ts';
import type { BreakerName } from '../domain/upstream-health.ts';
import { isSilent } from './replica-view.ts';
import type { SideHealth } from './schemas.ts';

/**
 * Which breakers make a side unhealthy. The old one goes on serving what is its own while it answers errors, so that only
 * being out of reach counts there.
 */
const COUNTING: Readonly<Record<Side, readonly BreakerName[]>> = {
  old: ['reachability'],
  new: ['answers', 'reachability'],
};

const STATES = { closed: 'healthy', 'half-open': 'probing', open: 'failing' } as const satisfies Record<
  BreakerState,
  SideHealth['state']
>;
const FROM_BEST = ['healthy', 'probing', 'failing'] as const;

/** What the edges that report say of an upstream, the worst of it. */
export function sideHealth(side: Side, upstream: string, replicas: readonly SeenReplica[]): SideHealth {
  const reports = reportsOn(upstream, replicas);
  const states = reports.map((report) => worst(COUNTING[side].map((breaker) => STATES[report[breaker]])));
  return {
    upstream,
    state: worst(states),
    failing_on: states.filter((state) => state !== 'healthy').length,
    in_flight: reports.reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}

/** On how many edges an upstream, which may be healthy otherwise, answers so many errors that nothing falls back to it. */
export function edgesWithoutFallbackTo(upstream: string, replicas: readonly SeenReplica[]): number {
  return reportsOn(upstream, replicas).filter(({ answers }) => answers === 'open').length;
}

function reportsOn(upstream: string, replicas: readonly SeenReplica[]) {
  return replicas.filter((replica) => !isSilent(replica)).flatMap(({ upstreams }) => upstreams[upstream] ?? []);
}

function worst(states: readonly SideHealth['state'][]): SideHealth['state'] {
  return FROM_BEST.findLast((state) => states.includes(state)) ?? 'healthy';
}
