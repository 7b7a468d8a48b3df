import type * as OpenTelemetry from '@opentelemetry/api';

/** What a process has that traces. */
export type Tracing = {
  /** OpenTelemetry's API, given rather than imported: a process that does not trace need not load it. */
  api: typeof OpenTelemetry;
  /** Sends what is not sent yet. Never rejects, and takes no longer than a bound of its own. */
  flush: () => Promise<void>;
};

let active: Tracing | undefined;

/** For `--import @fit/tracing/register`, which comes before everything that asks whether the process traces. */
export function switchOnTracing(tracing: Tracing): void {
  active = tracing;
}

/** Undefined where nobody traces. */
export function activeTracing(): Tracing | undefined {
  return active;
}
