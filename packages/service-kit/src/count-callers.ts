import type { IncomingHttpHeaders } from 'node:http';
import { EDGE_MIRROR, EDGE_TIMEOUT } from '@fit/contracts/headers';
import type { RequestHandler } from 'express';
import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

const CALLERS = ['edge', 'mirror', 'direct'] as const;

/** A person by the edge, the edge for itself, or somebody past the edge. */
export type CallerKind = (typeof CALLERS)[number];

/** `1.1 edge` among the proxies that a request came through (RFC 9110, 7.6.3). */
const VIA_EDGE = /(?:^|,)\s*(?:[\w-]+\/)?\d\.\d\s+edge\s*(?:\(|,|$)/;

/**
 * Counts who asks for a workout, whatever the answer. The old side's tells when nobody calls it past the edge any more, so
 * every kind is there from the start: a 0 is something else than a counter that is missing.
 */
export function countCallers(registry: Registry): RequestHandler {
  const requests = new Counter({
    name: 'fit_workout_requests_total',
    help: 'Requests for a workout: edge (for a person), mirror (for the edge itself), direct (past the edge).',
    labelNames: ['caller'] as const,
    registers: [registry],
  });
  for (const caller of CALLERS) requests.inc({ caller }, 0);
  return (req, _res, next) => {
    requests.inc({ caller: callerKind(req.headers) });
    next();
  };
}

/** As the caller's headers have it. Nothing proves them: whoever wants to pass for the edge can. */
export function callerKind(headers: IncomingHttpHeaders): CallerKind {
  if (headers[EDGE_MIRROR] === '1') return 'mirror';
  return headers[EDGE_TIMEOUT] !== undefined && VIA_EDGE.test(headers.via ?? '') ? 'edge' : 'direct';
}
