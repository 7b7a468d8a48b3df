import { Counter, Registry, collectDefaultMetrics } from 'prom-client';
import { standardOutput } from './log-output.ts';

/** Seconds; resolves both 5 ms and 5 s. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2, 3, 4, 5, 7.5, 12];

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Gauges of prom-client with names that belong to counters (Prometheus, "Metric and label naming"). */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** A method as a label value, from a closed set. */
export function methodLabel(method: string | undefined): string {
  return method !== undefined && METHODS.has(method) ? method : 'other';
}

/** A registry with what every process publishes of itself: CPU, memory, the event loop's delay, lines of its log that were lost. */
export function createRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  new Counter({
    name: 'fit_log_dropped_total',
    help: 'Lines of the log that were dropped, as whoever reads the log was too far behind.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(standardOutput().dropped);
    },
  });
  return registry;
}
