import { DURATION_BUCKETS } from '@fit/service-kit/metrics';
import { Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { ConnectionCounts } from '../db/database.ts';
import type { QueryObserver } from '../db/query-observer.ts';

/** Times every statement. */
export function createQueryMetrics(registry: Registry): QueryObserver {
  const durations = new Histogram({
    name: 'legacy_db_query_duration_seconds',
    help: 'Time of a statement in the database, its answer included.',
    labelNames: ['outcome'] as const,
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return ({ outcome, durationMs }) => durations.observe({ outcome }, durationMs / 1000);
}

/** The pool of connections as it is when somebody scrapes. */
export function publishConnections(registry: Registry, counts: () => ConnectionCounts, limit: number): void {
  const registers = [registry];
  new Gauge({
    name: 'legacy_db_connections',
    help: 'Connections to PostgreSQL that are used or idle, and statements that wait for one.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      for (const [state, count] of Object.entries(counts())) this.set({ state }, count);
    },
  });
  new Gauge({ name: 'legacy_db_connections_limit', help: 'Connections to PostgreSQL at most.', registers }).set(limit);
}
