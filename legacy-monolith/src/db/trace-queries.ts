import { activeTracing } from '@fit/service-kit/tracing';
import type { QueryObserver } from './query-observer.ts';

const FIRST_WORD = /^\s*(\w+)/;
/** The first table that a statement names: every one is in the code, so there are only so many. */
const FIRST_TABLE = /\b(?:from|into|update)\s+"?(\w+)/i;

/**
 * A span for each statement that a request causes. It is made when the statement has ended, in the context of whoever waits
 * for it. None where nobody traces.
 */
export function traceQueries(): QueryObserver[] {
  const tracing = activeTracing();
  if (!tracing) return [];
  const { trace, SpanKind, SpanStatusCode } = tracing.api;
  const tracer = trace.getTracer('@fit/legacy-monolith');
  const observe: QueryObserver = ({ sql, durationMs, outcome }) => {
    if (!trace.getActiveSpan()) return;
    const endTime = Date.now();
    const startTime = endTime - durationMs;
    const attributes = { 'db.system.name': 'postgresql', 'db.query.text': sql };
    const span = tracer.startSpan(nameOf(sql), { kind: SpanKind.CLIENT, startTime, attributes });
    if (outcome === 'error') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endTime);
  };
  return [observe];
}

/** As `SELECT exercises`. */
function nameOf(sql: string): string {
  const verb = FIRST_WORD.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
  const table = FIRST_TABLE.exec(sql)?.[1];
  return table === undefined ? verb : `${verb} ${table}`;
}
