import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from '@opentelemetry/api';
import { TRACEPARENT, TRACESTATE } from '@fit/contracts/headers';
import type { Tracing } from './tracing.ts';

/** Where a request says it belongs: W3C Trace Context, level 1. */
export type TraceContext = {
  /** 32 hex digits, and 16: lower case, not all of them 0. */
  traceId: string;
  parentId: string;
  /** 0–255; the lowest bit: the caller records its part. */
  flags: number;
  /** As they came. `state` is absent if there is none, or none that is sane. */
  traceparent: string;
  state: string | undefined;
};

/** Section 3.2. A later version may say more after another dash; of that up to 128 characters in all are taken. */
const SANE_TRACEPARENT =
  /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32})-((?!0{16})[\da-f]{16})-([\da-f]{2})(-[\w-]{0,72})?$/;

/** Section 3.3: a list of members; an implementation has to pass on no more than 512 characters. */
const SANE_STATE = /^[\x20-\x7e\t]{3,512}$/;

/**
 * The trace context of a request; undefined if it has none that is sane. Several `traceparent` fields are none, since Node
 * joins them.
 */
export function traceContextOf(headers: IncomingHttpHeaders): TraceContext | undefined {
  const traceparent = headers[TRACEPARENT];
  if (typeof traceparent !== 'string') return undefined;
  const sane = SANE_TRACEPARENT.exec(traceparent);
  if (!sane) return undefined;
  const [, version, traceId = '', parentId = '', flags = '', more] = sane;
  if (version === '00' && more !== undefined) return undefined;
  const state = headers[TRACESTATE];
  return {
    traceId,
    parentId,
    flags: Number.parseInt(flags, 16),
    traceparent,
    state: typeof state === 'string' && SANE_STATE.test(state) && state.includes('=') ? state : undefined,
  };
}

/** What the spans of a request are made within: what its caller says, or nothing, which begins a new trace. */
export function parentContextOf(from: TraceContext | undefined, api: Tracing['api']): Context {
  if (!from) return api.ROOT_CONTEXT;
  const caller = { traceId: from.traceId, spanId: from.parentId, traceFlags: from.flags, isRemote: true };
  const withState = from.state === undefined ? caller : { ...caller, traceState: api.createTraceState(from.state) };
  return api.trace.setSpanContext(api.ROOT_CONTEXT, withState);
}
