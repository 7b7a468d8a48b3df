import type { RouteControl } from '../control-plane/route-control.ts';
import { SILENT_AFTER_MS } from '../control-plane/route-store.ts';
import type { SeenReplica } from '../control-plane/route-store.ts';
import type { Replica, ReplicaList } from './schemas.ts';

export function isSilent({ seenMsAgo }: SeenReplica): boolean {
  return seenMsAgo > SILENT_AFTER_MS;
}

/** The edges and their store as the admin API shows them. */
export function replicaListView(control: Pick<RouteControl, 'replicas' | 'store'>): ReplicaList {
  const { kind, reachable, since } = control.store();
  return {
    store: { kind, state: reachable ? 'up' : 'down', since: new Date(since).toISOString() },
    replicas: control.replicas().map((replica, index) => replicaView(replica, index === 0)),
  };
}

function replicaView(replica: SeenReplica, isSelf: boolean): Replica {
  const { id, incarnation, startedAt, seenMsAgo, routes } = replica;
  return {
    id,
    incarnation,
    is_self: isSelf,
    state: isSilent(replica) ? 'silent' : 'live',
    seen_seconds_ago: Math.max(0, Math.round(seenMsAgo / 100) / 10),
    started_at: startedAt,
    revisions: Object.fromEntries(Object.entries(routes).map(([route, { revision }]) => [route, revision])),
  };
}
