import { TRACEPARENT, TRACESTATE } from '@fit/contracts/headers';
import { methodLabel } from '@fit/service-kit/metrics';
import { parentContextOf } from '@fit/service-kit/trace-context';
import { activeTracing } from '@fit/service-kit/tracing';
import type { Tracing } from '@fit/service-kit/tracing';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type {
  CallTrace,
  RequestTrace,
  RequestTracing,
  TracedCall,
  TracedOutcome,
  TracedRequest,
} from '../data-plane/tracing.ts';

type Api = Tracing['api'];
type World = { api: Api; tracer: Tracer };

/**
 * Requests as spans of OpenTelemetry: one for each, and one for each call that it causes. No query, address or user is told.
 * Undefined where nobody traces.
 *
 * @param edge which replica this is
 */
export function createSpans(edge: string): RequestTracing | undefined {
  const tracing = activeTracing();
  if (!tracing) return undefined;
  const { api } = tracing;
  const world: World = { api, tracer: api.trace.getTracer('@fit/edge-proxy') };
  return { began: (request) => new RequestSpan(world, request, edge) };
}

class RequestSpan implements RequestTrace {
  readonly traceId: string;
  readonly #world: World;
  readonly #context: Context;
  readonly #span: Span;

  constructor(world: World, { method, requestId, caller, route, assignment }: TracedRequest, edge: string) {
    const { api, tracer } = world;
    const parent = parentContextOf(caller, api);
    const attributes: Attributes = { ...methodOf(method), 'edge.id': edge, 'edge.request_id': requestId };
    if (route) Object.assign(attributes, { 'http.route': route.path, 'edge.route': route.name });
    if (assignment) Object.assign(attributes, { 'edge.side': assignment.side, 'edge.assigned_by': assignment.by });
    const verb = verbOf(method);
    const name = route ? `${verb} ${route.path}` : verb;
    this.#world = world;
    this.#span = tracer.startSpan(name, { kind: api.SpanKind.SERVER, attributes }, parent);
    this.#context = api.trace.setSpan(parent, this.#span);
    this.traceId = this.#span.spanContext().traceId;
  }

  call(call: TracedCall): CallTrace {
    return new CallSpan(this.#world, this.#context, call);
  }

  ended({ status, servedBy, fallback, withheld, fault }: TracedOutcome): void {
    const { SpanStatusCode } = this.#world.api;
    set(this.#span, {
      'http.response.status_code': status,
      'edge.served_by': servedBy?.name,
      'edge.fallback': fallback,
      'edge.fallback_withheld': withheld,
      'error.type': fault,
    });
    const isClients = fault?.startsWith('client-') === true;
    if (!isClients && (fault !== undefined || isError(status))) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** What each kind of call is called, before its upstream's name. */
const NAMES: Readonly<Record<TracedCall['kind'], string>> = {
  first: 'call',
  retry: 'retry',
  fallback: 'fallback to',
  mirror: 'mirror to',
  fetch: 'fetch from',
};

/** A whole answer says its status itself. */
const ANSWERS: ReadonlySet<string | undefined> = new Set([undefined, '2xx', '3xx', '4xx', '5xx']);

class CallSpan implements CallTrace {
  readonly headers: readonly string[];
  readonly #api: Api;
  readonly #span: Span;
  #status: number | undefined;
  #isOver = false;

  constructor({ api, tracer }: World, parent: Context, { method, upstream, kind, reason }: TracedCall) {
    const { hostname, port, protocol } = upstream.origin;
    const attributes: Attributes = {
      ...methodOf(method),
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'edge.upstream': upstream.name,
      'edge.call': kind,
    };
    if (reason !== undefined) attributes['edge.fallback'] = reason;
    const name = `${NAMES[kind]} ${upstream.name}`;
    this.#api = api;
    this.#span = tracer.startSpan(name, { kind: api.SpanKind.CLIENT, attributes }, parent);
    this.headers = headersOf(this.#span);
  }

  answered(status: number): void {
    this.#status = status;
  }

  ended(end: Parameters<CallTrace['ended']>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const fault = ANSWERS.has(end) ? undefined : end;
    set(this.#span, { 'http.response.status_code': this.#status, 'error.type': fault });
    const isFailed = isError(this.#status) || (fault !== undefined && fault !== 'abandoned');
    if (isFailed) this.#span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** W3C Trace Context, sections 3.2 and 3.3. */
function headersOf(span: Span): string[] {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const headers = [TRACEPARENT, `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`];
  const state = traceState?.serialize() ?? '';
  if (state !== '') headers.push(TRACESTATE, state);
  return headers;
}

function set(span: Span, attributes: Record<string, string | number | undefined>): void {
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.setAttribute(name, value);
}

function isError(status = 0): boolean {
  return status >= 500;
}

function verbOf(method: string): string {
  const label = methodLabel(method);
  return label === 'other' ? 'HTTP' : label;
}

function methodOf(method: string): Attributes {
  const label = methodLabel(method);
  return { 'http.request.method': label === 'other' ? '_OTHER' : label };
}
