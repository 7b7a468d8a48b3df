import type { RouteView, SideHealth, SideTraffic, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import type { ComponentChildren } from 'preact';
import { Health } from '../parts/health.tsx';
import { SideName } from '../parts/side-name.tsx';
import { NONE, count, duration, rate, shareOf } from '../words/format.ts';

const SIDES = ['old', 'new'] as const;

type Row = { name: string; note?: string; valueOf: (side: SideTraffic, traffic: Traffic) => string };

const ROWS: readonly Row[] = [
  { name: 'Requests a second', valueOf: ({ requests }, { window_seconds }) => rate(requests / window_seconds) },
  { name: 'Errors', note: 'that people met', valueOf: ({ failed, requests }) => shareOf(failed, requests) },
  {
    name: 'Saved by fallback',
    note: 'answered by the other side',
    valueOf: ({ saved, requests }) => shareOf(saved, requests),
  },
  { name: 'p50', note: 'half are faster', valueOf: ({ p50_ms }) => duration(p50_ms) },
  { name: 'p95', valueOf: ({ p95_ms }) => duration(p95_ms) },
  { name: 'p99', valueOf: ({ p99_ms }) => duration(p99_ms) },
];

/** The charts' latest numbers, in words and figures. */
export function SideBySide({ route, traffic }: { route: RouteView; traffic: Traffic | undefined }) {
  return (
    <section class="card" aria-labelledby="sides-title">
      <h2 id="sides-title">Both sides, {traffic ? `last ${traffic.window_seconds}\u00a0s` : 'latest'}</h2>
      <table class="sides">
        <thead>
          <tr>
            <td />
            {SIDES.map((side) => (
              <th scope="col" key={side}>
                <SideName side={side} name={route.sides[side]} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <HealthRow
            name="Health"
            cell={(health) => <Health health={health} replicas={route.acknowledged.replicas} />}
            route={route}
          />
          {ROWS.map((row) => (
            <tr key={row.name}>
              <th scope="row">
                {row.name} {row.note !== undefined && <span class="row-note">{row.note}</span>}
              </th>
              {SIDES.map((side) => (
                <td key={side} class="number">
                  {traffic ? row.valueOf(traffic.sides[side], traffic) : NONE}
                </td>
              ))}
            </tr>
          ))}
          <HealthRow name="In flight" cell={({ in_flight }) => count(in_flight)} route={route} />
        </tbody>
      </table>
    </section>
  );
}

type HealthRowProps = { name: string; route: RouteView; cell: (health: SideHealth) => ComponentChildren };

function HealthRow({ name, route, cell }: HealthRowProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      {SIDES.map((side) => (
        <td key={side} class="number">
          {cell(route.health[side])}
        </td>
      ))}
    </tr>
  );
}
