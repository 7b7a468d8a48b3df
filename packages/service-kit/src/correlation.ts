import { randomUUID } from 'node:crypto';
import { CORRELATION_ID, REQUEST_ID } from '@fit/contracts/headers';
import type { RequestHandler } from 'express';

/** Nothing that looks like a token: an id is in every log. nginx/conf/http.conf says the same. */
const SANE_ID = /^(?!.*(?:eyJ|fit_admin_))[\w.:/+=-]{1,128}$/;

/** The caller's request id if it is sane (1–128 of letters, digits and `._:/+=-`, and no token), else a new UUID. */
export function requestIdOf(headers: NodeJS.Dict<string | string[]>): string {
  const given = headers[REQUEST_ID] ?? headers[CORRELATION_ID];
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID();
}

/** Takes or makes the request id, keeps it in `res.locals.requestId` and echoes it. */
export const correlation: RequestHandler = (req, res, next) => {
  const requestId = requestIdOf(req.headers);
  res.locals['requestId'] = requestId;
  res.set(REQUEST_ID, requestId);
  next();
};
