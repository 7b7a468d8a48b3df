import type { ReplicaReport } from '../../control-plane/route-store.ts';
import { noTraffic } from '../../domain/traffic.ts';
import { revision } from '../../domain/weight.ts';

/** What a replica that serves one route says of itself. */
export function reportOf(wanted: { id?: string; incarnation: string; serves?: number }): ReplicaReport {
  return {
    id: wanted.id ?? 'edge-1',
    incarnation: wanted.incarnation,
    startedAt: '2026-03-01T03:00:00.000Z',
    routes: { wod: { revision: revision(wanted.serves ?? 0), traffic: noTraffic() } },
    upstreams: { coach: { answers: 'closed', reachability: 'half-open', inFlight: 3 } },
  };
}
