import { DURATION_BUCKETS, methodLabel } from '@fit/service-kit/metrics';
import type { Logger } from '@fit/service-kit/logger';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RequestRecord } from '../data-plane/pipeline.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { SnapshotHolder } from '../snapshot.ts';

export type TelemetryOptions = { registry: Registry; holder: SnapshotHolder; logger: Logger };

/**
 * Counts what the data plane reports, and logs what went wrong under the request's id. Every label value comes from the
 * route file or a closed list.
 */
export function createRequestTelemetry({
  registry,
  holder,
  logger,
}: TelemetryOptions): (record: RequestRecord) => void {
  const registers = [registry];
  const durations = new Histogram({
    name: 'edge_request_duration_seconds',
    help: 'Time that a request of a client took, by the side that it was assigned to.',
    labelNames: ['route', 'side', 'method', 'status'] as const,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const assignments = new Counter({
    name: 'edge_assignments_total',
    help: 'Requests by assigned side and by what decided it.',
    labelNames: ['route', 'side', 'by'] as const,
    registers,
  });
  const fallbacks = new Counter({
    name: 'edge_fallbacks_total',
    help: 'Requests that the old side answered for the new one, by reason.',
    labelNames: ['route', 'reason'] as const,
    registers,
  });
  const faults = new Counter({
    name: 'edge_faults_total',
    help: 'Requests that ended in a fault that the client met.',
    labelNames: ['route', 'fault'] as const,
    registers,
  });
  publishWeights(registry, holder);
  return (record) => {
    const {
      route: { name: route } = { name: 'none' },
      assignment,
      method,
      status,
      fallback,
      fault,
      durationMs,
    } = record;
    const side = assignment?.side ?? 'none';
    const labels = { route, side, method: methodLabel(method), status: status === undefined ? 'none' : String(status) };
    durations.observe(labels, durationMs / 1000);
    if (assignment) assignments.inc({ route, side, by: assignment.by });
    if (fallback) fallbacks.inc({ route, reason: fallback });
    if (fault) faults.inc({ route, fault });
    if (fallback || (fault && fault !== 'client-left')) {
      logger.warn({ requestId: record.requestId, route, side, status, fallback, fault }, 'an upstream failed');
    }
  };
}

function publishWeights(registry: Registry, holder: SnapshotHolder): void {
  new Gauge({
    name: 'edge_route_weight_ratio',
    help: 'Share of users that the new side is set to serve, 0–1.',
    labelNames: ['route'] as const,
    registers: [registry],
    collect() {
      for (const [route, state] of holder.current) this.set({ route }, weightToPercent(state.weight) / 100);
    },
  });
}
