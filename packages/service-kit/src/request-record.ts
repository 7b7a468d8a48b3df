import type { RequestHandler } from 'express';
import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import { DURATION_BUCKETS, methodLabel } from './metrics.ts';

/** One request that has ended, as the log and the metrics have it. */
export type RequestRecord = {
  requestId: string;
  /** Of the trace that it belongs to, if it is traced. */
  traceId?: string | undefined;
  method: string;
  /** The pattern of the route, never the path: `unmatched` where there is none. */
  route: string;
  /** Absent if the client left before there was one. */
  status?: number | undefined;
  /** The client left before it had the whole answer. */
  aborted?: true | undefined;
  durationMs: number;
};

export type RequestRecorder = (record: RequestRecord) => void;

/** What no route took. */
export const UNMATCHED = 'unmatched';

/** They come every few seconds, for ever. */
const PROBES_AND_SCRAPES = new Set(['/health', '/ready', '/metrics']);

/** Counts and logs each request of a service; once a registry. */
export function createRequestRecorder(registry: Registry, logger: Logger): RequestRecorder {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the end of the answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  return (record) => {
    const { method, route, status, aborted, durationMs } = record;
    const statusLabel = aborted ? 'aborted' : String(status);
    durations.observe({ method: methodLabel(method), route, status: statusLabel }, durationMs / 1000);
    const level = PROBES_AND_SCRAPES.has(route) ? 'debug' : 'info';
    logger[level]({ ...record, durationMs: Math.round(durationMs * 10) / 10 }, 'request');
  };
}

/** Express middleware after `correlation` and whatever begins a trace: records every request once it has ended. */
export function recordRequests(record: RequestRecorder): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    res.once('close', () => {
      record({
        requestId: String(res.locals['requestId']),
        traceId: res.locals['traceId'] as string | undefined,
        method: req.method,
        route: routeOf(req.route, res.locals),
        status: res.headersSent ? res.statusCode : undefined,
        aborted: res.writableFinished ? undefined : true,
        durationMs: performance.now() - startedAt,
      });
    });
    next();
  };
}

/** Names what answers although no route did, such as a folder of files. From a closed set. */
export function nameRoute(locals: Record<string, unknown>, name: string): void {
  locals['route'] = name;
}

function routeOf(route: { path: string } | undefined, locals: Record<string, unknown>): string {
  return route?.path ?? (locals['route'] as string | undefined) ?? UNMATCHED;
}
