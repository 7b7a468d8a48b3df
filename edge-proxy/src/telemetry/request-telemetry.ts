import { STATUS_CODES } from 'node:http';
import { DURATION_BUCKETS, methodLabel } from '@fit/service-kit/metrics';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Assignment, RequestRecord } from '../data-plane/pipeline.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import { Durations } from './durations.ts';
import type { DurationSeries } from './durations.ts';

export type TelemetryOptions = { registry: Registry; holder: SnapshotHolder };

/**
 * Counts what the data plane reports. Every label value comes from the route file or a closed list. What happens at every
 * request is counted in plain numbers and read at the scrape.
 */
export function createRequestTelemetry(options: TelemetryOptions): (record: RequestRecord) => void {
  const countDuration = createDurations(options.registry);
  const countAssignment = createAssignments(options.registry);
  const countTrouble = createTrouble(options.registry);
  publishWeights(options.registry, options.holder);
  return (record) => {
    const route = record.route?.name ?? 'none';
    countDuration(route, record);
    if (record.assignment) countAssignment(route, record.assignment);
    if (record.fallback || record.withheld || record.fault) countTrouble(route, record);
  };
}

const SIDES = ['none', 'old', 'new'] as const;
/** What has no status, one that nobody registered, or one that stands for nothing, as the answer broke off behind it. */
const [NO_STATUS, OTHER_STATUS, CUT] = [0, 1, 2];
const SPECIAL = ['none', 'other', 'cut'];

function createDurations(registry: Registry) {
  const durations = new Durations<'route' | 'side' | 'method' | 'status'>({
    name: 'edge_request_duration_seconds',
    help: 'Time that a request of a client took, by the side that it was assigned to.',
    buckets: DURATION_BUCKETS,
    registry,
  });
  const byRoute = new Map<string, Map<number, DurationSeries>>();
  const methods: string[] = [];
  return (route: string, record: RequestRecord) => {
    const { assignment, method, durationMs } = record;
    let known = byRoute.get(route);
    if (!known) byRoute.set(route, (known = new Map()));
    const side = assignment?.side ?? 'none';
    const label = methodLabel(method);
    let at = methods.indexOf(label);
    if (at < 0) at = methods.push(label) - 1;
    const code = codeOf(record);
    const key = (at * SIDES.length + SIDES.indexOf(side)) * 1000 + code;
    let series = known.get(key);
    if (!series) {
      series = durations.series({ route, side, method: label, status: SPECIAL[code] ?? String(code) });
      known.set(key, series);
    }
    series.observe(durationMs / 1000);
  };
}

function codeOf({ status = NO_STATUS, fault, servedBy }: RequestRecord): number {
  // A fault behind the head of somebody's answer; that a client left is no failure.
  if (fault !== undefined && servedBy !== undefined && !fault.startsWith('client-')) return CUT;
  return status === NO_STATUS || STATUS_CODES[status] !== undefined ? status : OTHER_STATUS;
}

function createAssignments(registry: Registry) {
  const counts = new Map<string, { of: Assignment; requests: number }[]>();
  new Counter({
    name: 'edge_assignments_total',
    help: 'Requests by assigned side and by what decided it.',
    labelNames: ['route', 'side', 'by'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [route, each] of counts) for (const { of, requests } of each) this.inc({ route, ...of }, requests);
    },
  });
  return (route: string, { side, by }: Assignment) => {
    let ofRoute = counts.get(route);
    if (!ofRoute) counts.set(route, (ofRoute = []));
    let count = ofRoute.find(({ of }) => of.side === side && of.by === by);
    if (!count) ofRoute.push((count = { of: { side, by }, requests: 0 }));
    count.requests++;
  };
}

function createTrouble(registry: Registry) {
  const registers = [registry];
  const fallbacks = new Counter({
    name: 'edge_fallbacks_total',
    help: 'Requests that the old side was asked to answer for the new one, by reason.',
    labelNames: ['route', 'reason'] as const,
    registers,
  });
  const withholdings = new Counter({
    name: 'edge_fallbacks_withheld_total',
    help: 'Requests that the old side was not asked to answer for the new one, by why.',
    labelNames: ['route', 'why'] as const,
    registers,
  });
  const faults = new Counter({
    name: 'edge_faults_total',
    help: 'Requests that ended in a fault that the client met.',
    labelNames: ['route', 'fault'] as const,
    registers,
  });
  return (route: string, { fallback, withheld, fault }: RequestRecord) => {
    if (fallback) fallbacks.inc({ route, reason: fallback });
    if (withheld) withholdings.inc({ route, why: withheld });
    if (fault) faults.inc({ route, fault });
  };
}

function publishWeights(registry: Registry, holder: SnapshotHolder): void {
  new Gauge({
    name: 'edge_route_weight_ratio',
    help: 'Share of users that the new side is set to serve, 0–1.',
    labelNames: ['route'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [route, state] of holder.current) this.set({ route }, weightToPercent(state.weight) / 100);
    },
  });
}
