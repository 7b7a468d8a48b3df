import type { Registry } from 'prom-client';
import { Durations } from './durations.ts';
import type { DurationSeries } from './durations.ts';

/** Seconds; the promise is one. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

/** Times rollbacks, whoever ordered them, from the order until every edge that lives serves them. */
export function createRollbackTelemetry(registry: Registry): (route: string, durationMs: number) => void {
  const durations = new Durations<'route'>({
    name: 'edge_rollback_duration_seconds',
    help: 'Time from the order that sent everybody back to the old side until every living edge served it.',
    buckets: BUCKETS,
    registry,
  });
  const byRoute = new Map<string, DurationSeries>();
  return (route, durationMs) => {
    const series = byRoute.get(route) ?? durations.series({ route });
    byRoute.set(route, series);
    series.observe(durationMs / 1000);
  };
}
