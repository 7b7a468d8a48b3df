import type { Attributes, Span } from '@opentelemetry/api';
import type { Request, RequestHandler, Response } from 'express';
import { methodLabel } from './metrics.ts';
import { parentContextOf, traceContextOf } from './trace-context.ts';
import { activeTracing } from './tracing.ts';
import type { Tracing } from './tracing.ts';

type Api = Tracing['api'];

/** Asked all the time by whoever watches the process. */
const UNTRACED: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics']);

/**
 * Express middleware: a span for each request, with what handles the request inside its context. `res.locals.traceId` is its
 * trace. None where nobody traces. Neither query nor address nor user is told.
 */
export function traceRequests(): RequestHandler[] {
  const tracing = activeTracing();
  if (!tracing) return [];
  const { api } = tracing;
  const tracer = api.trace.getTracer('@fit/service-kit');
  const trace: RequestHandler = (req, res, next) => {
    if (UNTRACED.has(req.path)) return next();
    const parent = parentContextOf(traceContextOf(req.headers), api);
    const method = methodLabel(req.method);
    const attributes: Attributes = { 'http.request.method': method === 'other' ? '_OTHER' : method };
    const name = method === 'other' ? 'HTTP' : method;
    const span = tracer.startSpan(name, { kind: api.SpanKind.SERVER, attributes }, parent);
    res.locals['traceId'] = span.spanContext().traceId;
    res.once('close', () => end(span, { req, res, name, api }));
    api.context.with(api.trace.setSpan(parent, span), next);
  };
  return [trace];
}

type Ended = { req: Request; res: Response; name: string; api: Api };

function end(span: Span, { req, res, name, api }: Ended): void {
  const route = (req.route as { path: string } | undefined)?.path;
  if (route !== undefined) span.updateName(`${name} ${route}`).setAttribute('http.route', route);
  if (res.headersSent) span.setAttribute('http.response.status_code', res.statusCode);
  const fault = faultOf(res);
  if (fault !== undefined) span.setAttribute('error.type', fault);
  if (fault !== undefined && res.writableFinished) span.setStatus({ code: api.SpanStatusCode.ERROR });
  span.end();
}

/** That a client leaves is not the service's error. */
function faultOf(res: Response): string | undefined {
  if (!res.writableFinished) return 'client-left';
  return res.statusCode >= 500 ? String(res.statusCode) : undefined;
}
