import { identityOf } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import { ProblemError } from '@fit/service-kit/problem';
import type { ErrorRequestHandler, Response } from 'express';
import type { ChangedRoute } from './schemas.ts';

/** Who changed what, for those who read the log; the audit is in the store. */
export function logChange(logger: Logger, res: Response, changed: ChangedRoute): void {
  const { route, revision, weight, before, reason } = changed;
  logger.info(
    { ...actorOf(res), route, revision, weightBefore: before.weight, weightAfter: weight, reason },
    'weight changed',
  );
}

/** Logs every refusal of somebody whose token was verified: a store that cannot be written wakes a person. */
export function logRefusals(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (error instanceof ProblemError && res.locals['identity']) {
      const level = error.code === 'store-unavailable' ? 'error' : 'warn';
      const request = `${req.method} ${req.originalUrl.slice(0, 200)}`;
      logger[level](
        { ...actorOf(res), request, problem: error.code, detail: error.message, err: error.cause },
        'admin request refused',
      );
    }
    next(error);
  };
}

function actorOf(res: Response): { actor: string; requestId: unknown } {
  return { actor: identityOf(res).subject, requestId: res.locals['requestId'] };
}
