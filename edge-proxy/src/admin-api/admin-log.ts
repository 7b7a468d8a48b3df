import { identityOf } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import { toProblem } from '@fit/service-kit/problem';
import type { ErrorRequestHandler, Response } from 'express';
import type { ChangeResult } from '../control-plane/change-route.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import { actorOf } from './actor.ts';
import type { Drill } from './schemas.ts';

type Changed = Extract<ChangeResult, { kind: 'changed' }>;

/** Who changed what, for those who read the log; the audit is in the store. */
export function logChange(logger: Logger, res: Response, { before, after, isStored }: Changed): void {
  const { route, revision, reason, ramp } = after;
  const fields = {
    ...requestOf(res),
    route,
    revision,
    weightBefore: weightToPercent(before.weight),
    weightAfter: weightToPercent(after.weight),
    mirrorShare: weightToPercent(after.mirrorShare),
    ...(ramp && { ramp: { phase: ramp.phase, step: ramp.step + 1, of: ramp.plan.steps.length } }),
    isStored,
    reason,
  };
  logger.info(fields, whatChanged(before, after));
}

/** A rollback that was drilled: two changes, or one if somebody else came between. */
export function logDrill(logger: Logger, res: Response, drill: Drill): void {
  const { route, rollback_ms: rollbackMs, acknowledged, restored, weight } = drill;
  logger.info({ ...requestOf(res), route, rollbackMs, acknowledged, restored, weight }, 'rollback drilled');
}

/** What a ramp does to the weight goes without saying; what the weight does to a ramp, too. */
function whatChanged(before: RouteState, after: RouteState): string {
  const { ramp } = after;
  if (ramp?.id === after.revision) return 'ramp started';
  if (ramp && ramp.step !== before.ramp?.step) return 'ramp promoted';
  if (after.retired !== before.retired) return after.retired ? 'route retired' : 'route unretired';
  if (after.weight !== before.weight) return 'weight changed';
  if (after.mirrorShare !== before.mirrorShare) return 'mirroring changed';
  return ramp && ramp.phase !== before.ramp?.phase ? `ramp ${ramp.phase}` : 'weight changed';
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
      const request = `${req.method} ${req.originalUrl.split('?', 1)[0]!.slice(0, 200)}`;
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
