import { DURATION_BUCKETS } from '@fit/service-kit/metrics';
import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Side } from '../domain/split.ts';
import type { Skip } from './parity-book.ts';

/** A request that was to be copied. */
export type MirrorRecord = {
  readonly route: string;
  /** That the copy was for. */
  readonly side: Side;
  readonly result: 'same' | 'different' | Skip;
  /** Of the call; undefined if none was made. */
  readonly durationMs: number | undefined;
};

export type MirrorTelemetry = {
  readonly mirrored: (record: MirrorRecord) => void;
  /** The content of a live answer was looked at. */
  readonly checked: (record: { readonly route: string; readonly side: Side; readonly isBroken: boolean }) => void;
};

/** Counts copies of requests apart from the requests of people. Every label comes from the route file or a closed list. */
export function createMirrorTelemetry(registry: Registry): MirrorTelemetry {
  const registers = [registry];
  const requests = new Counter({
    name: 'edge_mirror_requests_total',
    help: 'Requests that were to be copied, by the side that the copy was for, and what became of it.',
    labelNames: ['route', 'side', 'result'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'edge_mirror_duration_seconds',
    help: 'Time that the whole answer to a copy took, or its failure.',
    labelNames: ['route', 'side'] as const,
    buckets: DURATION_BUCKETS,
    registers,
  });
  const checks = new Counter({
    name: 'edge_live_checks_total',
    help: 'Answers to people whose content was looked at, by the side that made them.',
    labelNames: ['route', 'side', 'result'] as const,
    registers,
  });
  return {
    mirrored: ({ route, side, result, durationMs }) => {
      requests.inc({ route, side, result });
      if (durationMs !== undefined) durations.observe({ route, side }, durationMs / 1000);
    },
    checked: ({ route, side, isBroken }) => checks.inc({ route, side, result: isBroken ? 'broken' : 'sound' }),
  };
}
