import type { Logger } from '@fit/service-kit/logger';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { UpstreamReport } from '../control-plane/route-store.ts';
import type { Pipeline } from '../data-plane/pipeline.ts';
import type { Upstreams } from '../data-plane/upstreams.ts';
import type { BreakerState } from '../domain/breaker.ts';
import type { BreakerName } from '../domain/upstream-health.ts';
import { publishGauge } from './scraped-gauge.ts';

const BREAKERS = ['answers', 'reachability'] as const satisfies BreakerName[];
const VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** A breaker that opens heals by itself, or an alert on its state wakes somebody. */
export function reportBreaker(logger: Logger, upstream: string) {
  return (breaker: BreakerName, state: BreakerState): void => {
    logger[state === 'open' ? 'warn' : 'info']({ upstream, breaker, state }, 'a breaker changed');
  };
}

/** What this edge says of its upstreams to those who share its store. */
export function upstreamReports(upstreams: Upstreams): Record<string, UpstreamReport> {
  const now = performance.now();
  return Object.fromEntries(
    [...upstreams.all].map(([name, { health, inFlight }]) => [
      name,
      { answers: health.stateAt('answers', now), reachability: health.stateAt('reachability', now), inFlight },
    ]),
  );
}

/** What is under way, and what the breakers say, read when somebody scrapes. */
export function publishUpstreams(registry: Registry, upstreams: Upstreams, pipeline: Pipeline): void {
  const registers = [registry];
  new Gauge({
    name: 'edge_breaker_state',
    help: 'State of an upstream’s breakers: 0 closed, 1 half open, 2 open.',
    labelNames: ['upstream', 'breaker'] as const,
    registers,
    collect() {
      this.reset();
      const now = performance.now();
      for (const { name: upstream, health } of upstreams.all.values()) {
        for (const breaker of BREAKERS) this.set({ upstream, breaker }, VALUES[health.stateAt(breaker, now)]);
      }
    },
  });
  new Gauge({
    name: 'edge_upstream_calls_in_flight',
    help: 'Calls to an upstream that are under way.',
    labelNames: ['upstream'] as const,
    registers,
    collect() {
      this.reset();
      for (const { name: upstream, inFlight } of upstreams.all.values()) this.set({ upstream }, inFlight);
    },
  });
  const bounds = [
    ['edge_upstream_calls_limit', 'Calls to an upstream that may be under way at the same time.', 'maxInFlight'],
    ['edge_upstream_connections', 'Connections to an upstream that are open, idle ones too.', 'connections'],
  ] as const;
  for (const [name, help, member] of bounds) {
    publishGauge(registry, { name, help, labels: ['upstream'] }, (set) => {
      for (const upstream of upstreams.all.values()) set(upstream[member], { upstream: upstream.name });
    });
  }
  new Gauge({
    name: 'edge_requests_in_flight',
    help: 'Requests of clients that are being passed on.',
    registers,
    collect() {
      this.set(pipeline.inFlight);
    },
  });
}
