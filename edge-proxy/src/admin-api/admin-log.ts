import { identityOf } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import { toProblem } from '@fit/service-kit/problem';
import type { ErrorRequestHandler, Response } from 'express';
import type { ChangeResult } from '../control-plane/change-weight.ts';
import { weightToPercent } from '../domain/weight.ts';
import { actorOf } from './actor.ts';

type Changed = Extract<ChangeResult, { kind: 'changed' }>;

/** Who changed what, for those who read the log; the audit is in the store. */
export function logChange(logger: Logger, res: Response, { before, after, isStored }: Changed): void {
  const { route, revision, reason } = after;
  const [weightBefore, weightAfter] = [weightToPercent(before.weight), weightToPercent(after.weight)];
  logger.info({ ...requestOf(res), route, revision, weightBefore, weightAfter, isStored, reason }, 'weight changed');
}

/**
 * Logs every refusal of somebody whose token was verified: a store that cannot be written wakes a person. What failed
 * unexpectedly is logged where it is turned into an answer.
 */
export function logRefusals(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { code, message, cause } = toProblem(error);
    if (code !== 'internal-error' && res.locals['identity']) {
      const level = code === 'store-unavailable' ? 'error' : 'warn';
      const request = `${req.method} ${req.originalUrl.slice(0, 200)}`;
      logger[level](
        { ...requestOf(res), request, problem: code, detail: message, err: cause },
        'admin request refused',
      );
    }
    next(error);
  };
}

function requestOf(res: Response): { actor: string; requestId: unknown } {
  return { actor: actorOf(identityOf(res)), requestId: res.locals['requestId'] };
}
