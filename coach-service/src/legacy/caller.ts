import { REQUEST_ID, TRACEPARENT, TRACESTATE } from '@fit/contracts/headers';
import { identityOf } from '@fit/service-kit/authenticate';
import { traceContextOf } from '@fit/service-kit/trace-context';
import type { Request, Response } from 'express';

/** On whose behalf the monolith is called: the headers that every call carries. */
export type Caller = Readonly<Record<string, string>>;

/** The caller's own token, request id and, if sane, trace context; where the coach itself traces, each call says its own. */
export function callerOf(req: Request, res: Response): Caller {
  const trace = res.locals['traceId'] === undefined ? traceContextOf(req.headers) : undefined;
  return {
    authorization: `Bearer ${identityOf(res).token}`,
    [REQUEST_ID]: String(res.locals['requestId']),
    ...(trace && { [TRACEPARENT]: trace.traceparent }),
    ...(trace?.state !== undefined && { [TRACESTATE]: trace.state }),
  };
}
