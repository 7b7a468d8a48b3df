import type { Registry } from 'prom-client';
import type { RouteControl } from '../control-plane/route-control.ts';
import { PHASES, phaseOf } from '../domain/route-state.ts';
import type { Phase, RouteState } from '../domain/route-state.ts';
import type { ParityReport } from '../domain/parity.ts';
import { EVERYBODY } from '../domain/weight.ts';
import { publishGauge, setOneOf } from './scraped-gauge.ts';

export type RouteGaugesOptions = {
  control: Pick<RouteControl, 'routing' | 'stateOf'>;
  /** What this edge found since the route's mirroring began. */
  parityOf: (route: string) => Pick<ParityReport, 'compared' | 'differing'>;
};

/** Where each route stands on this edge, and what it found in comparing its sides, read when somebody scrapes. */
export function publishRoutes(registry: Registry, { control, parityOf }: RouteGaugesOptions): void {
  publishGauge(
    registry,
    { name: 'edge_route_mirror_ratio', help: 'Share of safe requests that is copied, 0–1.', labels: ['route'] },
    (set) => {
      for (const { route, mirrorShare } of statesOf(control)) set(mirrorShare / EVERYBODY, { route });
    },
  );
  publishGauge(
    registry,
    { name: 'edge_route_phase', help: 'Where a migration stands: 1 for its phase.', labels: ['route', 'phase'] },
    (set) => {
      for (const state of statesOf(control)) {
        const labelsOf = (phase: Phase) => ({ route: state.route, phase });
        setOneOf(set, { states: PHASES, current: phaseOf(state), labelsOf });
      }
    },
  );
  const pairs = [
    ['edge_parity_compared_pairs', 'Pairs of answers that this edge compared since mirroring began.', 'compared'],
    ['edge_parity_unexplained_pairs', 'Of these, pairs with a difference that no rule explains.', 'differing'],
  ] as const;
  for (const [name, help, count] of pairs) {
    publishGauge(registry, { name, help, labels: ['route'] }, (set) => {
      for (const { route } of statesOf(control)) set(parityOf(route)[count], { route });
    });
  }
}

/** Of every configured route, as it is in force on this edge. */
export function statesOf({ routing, stateOf }: Pick<RouteControl, 'routing' | 'stateOf'>): RouteState[] {
  return routing().routes.flatMap(({ name }) => stateOf(name) ?? []);
}
