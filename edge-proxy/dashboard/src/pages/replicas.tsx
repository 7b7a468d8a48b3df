import type { Replica, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useLive } from '../hooks.ts';
import { Moment, ZONE_ABOVE } from '../parts/moment.tsx';
import { plural, stretch } from '../words/format.ts';

/** So much of a start's id tells edges of one name apart. */
const TELLING_LENGTH = 8;

/** Which edges there are, and which revision of the route each serves. */
export function Replicas({ route }: { route: RouteView }) {
  const { latest } = useLive();
  const replicas = latest?.replicas ?? [];
  return (
    <section class="card" aria-labelledby="replicas-title">
      <h2 id="replicas-title">Edges</h2>
      <div class="table-scroll" tabIndex={0} role="group" aria-labelledby="replicas-title">
        <table>
          <thead>
            <tr>
              {['Edge', 'State', 'Serves revision', 'Last report', `Started ${ZONE_ABOVE}`].map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {replicas.map((replica) => (
              <ReplicaRow
                key={`${replica.id} ${replica.incarnation}`}
                replica={replica}
                route={route}
                hasNamesake={replicas.some((other) => other !== replica && other.id === replica.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

type RowProps = { replica: Replica; route: RouteView; hasNamesake: boolean };

function ReplicaRow({ replica, route, hasNamesake }: RowProps) {
  const isSilent = replica.state === 'silent';
  const serves = servedInWords(replica.revisions[route.route], route.revision);
  return (
    <tr>
      <th scope="row">
        {replica.id} {hasNamesake && <code>{replica.incarnation.slice(0, TELLING_LENGTH)}</code>}{' '}
        {replica.is_self && <span class="row-note">this one</span>}
      </th>
      <td class={isSilent ? 'is-bad' : ''}>{isSilent ? '✕ silent' : '✓ live'}</td>
      <td class={serves.isBehind ? 'is-bad' : ''}>{serves.words}</td>
      <td>{replica.is_self ? 'now' : `${stretch(replica.seen_seconds_ago * 1000)} ago`}</td>
      <td>
        <Moment at={replica.started_at} isZoneAbove />
      </td>
    </tr>
  );
}

function servedInWords(served: number | undefined, current: number): { words: string; isBehind: boolean } {
  if (served === undefined) return { words: '✕ not known', isBehind: true };
  if (served < current) return { words: `✕ ${served}, ${plural(current - served, 'change')} behind`, isBehind: true };
  return {
    words: `✓ ${served}, ${served === current ? 'the current one' : 'newer than this edge’s'}`,
    isBehind: false,
  };
}
