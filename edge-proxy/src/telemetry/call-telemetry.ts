import { DURATION_BUCKETS } from '@fit/service-kit/metrics';
import type { Registry } from 'prom-client';
import type { CallEnd } from '../data-plane/attempt.ts';
import type { CallCounter } from '../data-plane/exchange.ts';
import { Durations } from './durations.ts';
import type { DurationSeries } from './durations.ts';

/** Times every call to an upstream, the first, a second try and a fallback alike, by how it ended. */
export function createCallTelemetry(registry: Registry): CallCounter {
  const durations = new Durations<'route' | 'upstream' | 'outcome'>({
    name: 'edge_upstream_request_duration_seconds',
    help: 'Time that a call to an upstream took, to the end of its answer or to its fault.',
    buckets: DURATION_BUCKETS,
    registry,
  });
  const byRoute = new Map<string, Map<string, Map<CallEnd, DurationSeries>>>();
  return (route, upstream, end, durationMs) => {
    const name = route?.name ?? 'none';
    let byUpstream = byRoute.get(name);
    if (!byUpstream) byRoute.set(name, (byUpstream = new Map()));
    let byEnd = byUpstream.get(upstream.name);
    if (!byEnd) byUpstream.set(upstream.name, (byEnd = new Map()));
    let series = byEnd.get(end);
    if (!series) {
      series = durations.series({ route: name, upstream: upstream.name, outcome: end });
      byEnd.set(end, series);
    }
    series.observe(durationMs / 1000);
  };
}
