import type { RouteView, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { totalByReason } from '../chart/columns.ts';
import { count } from '../words/format.ts';

type Props = { route: RouteView; samples: readonly Traffic[] };

export function Fallbacks({ route, samples }: Props) {
  const saved = totalByReason(samples, ({ fallbacks }) => fallbacks);
  const withheld = totalByReason(samples, ({ withheld }) => withheld);
  const latest = samples.at(-1);
  return (
    <section class="card" aria-labelledby="fallbacks-title">
      <h2 id="fallbacks-title">Fallbacks</h2>
      {saved.size + withheld.size === 0 ? (
        <p class="calm">None in the last ten minutes: {route.sides.new} answered all of its requests itself.</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="group" aria-labelledby="fallbacks-title">
          <table>
            <thead>
              <tr>
                <th scope="col">Reason</th>
                <th scope="col">What came of it</th>
                <th scope="col" class="number">
                  last {latest?.window_seconds ?? 0} s
                </th>
                <th scope="col" class="number">
                  last 10 min
                </th>
              </tr>
            </thead>
            <tbody>
              <Reasons totals={saved} latest={latest?.fallbacks ?? {}} outcome={`answered by ${route.sides.old}`} />
              <Reasons
                totals={withheld}
                latest={latest?.withheld ?? {}}
                outcome="no fallback: the error was passed on"
              />
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

type ReasonsProps = { totals: ReadonlyMap<string, number>; latest: Readonly<Record<string, number>>; outcome: string };

function Reasons({ totals, latest, outcome }: ReasonsProps) {
  return (
    <>
      {[...totals].map(([reason, total]) => (
        <tr key={reason}>
          <th scope="row">{reason}</th>
          <td>{outcome}</td>
          <td class="number">{count(latest[reason] ?? 0)}</td>
          <td class="number">{count(total)}</td>
        </tr>
      ))}
    </>
  );
}
