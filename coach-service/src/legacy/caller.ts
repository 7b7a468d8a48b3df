import { REQUEST_ID, TRACEPARENT } from '@fit/contracts/headers';
import { identityOf } from '@fit/service-kit/authenticate';
import type { Request, Response } from 'express';

/** On whose behalf the monolith is called: the headers that every call carries. */
export type Caller = Readonly<Record<string, string>>;

/** W3C Trace Context, section 3.2.2; ids of zeros alone are invalid there. */
const WELL_FORMED_TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The caller's own token, request id and, if well-formed, trace context. */
export function callerOf(req: Request, res: Response): Caller {
  const traceparent = req.headers[TRACEPARENT];
  return {
    authorization: `Bearer ${identityOf(res).token}`,
    [REQUEST_ID]: String(res.locals['requestId']),
    ...(typeof traceparent === 'string' && WELL_FORMED_TRACEPARENT.test(traceparent) && { [TRACEPARENT]: traceparent }),
  };
}
