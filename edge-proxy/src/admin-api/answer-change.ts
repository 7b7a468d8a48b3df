import type { Identity } from '@fit/service-kit/authenticate';
import type { Logger } from '@fit/service-kit/logger';
import type { Response } from 'express';
import type { ChangeResult } from '../control-plane/change-route.ts';
import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { Author } from '../domain/route-state.ts';
import type { Revision } from '../domain/weight.ts';
import { actorOf } from './actor.ts';
import { logChange } from './admin-log.ts';
import { refusedChange } from './problems.ts';
import type { RouteViews } from './route-view.ts';
import type { ChangedRoute } from './schemas.ts';

export type AnswerOptions = { control: RouteControl; views: RouteViews; logger: Logger };

/** Who asked for a change of which route, and how long the answer may wait for the other edges. */
export type Asking = { route: ConfiguredRoute; query: { wait_ms: number }; res: Response };

type AnswerChange = (result: ChangeResult, asking: Asking) => Promise<{ body: ChangedRoute; revision: Revision }>;

/** @returns what logs and answers a change that was made, after every edge serves it if that was asked; else refuses */
export function createAnswerChange({ control, views, logger }: AnswerOptions): AnswerChange {
  return async (result, { route, query, res }) => {
    if (result.kind !== 'changed') throw refusedChange(result, route.name);
    const { before, after } = result;
    logChange(logger, res, result);
    if (query.wait_ms > 0) {
      await control.untilAcknowledged({ route: route.name, revision: after.revision, timeoutMs: query.wait_ms });
    }
    return { body: views.changed(route, before, after), revision: after.revision };
  };
}

/** Who orders a change of which route, and why. */
export type Ordering = { route: ConfiguredRoute; caller: Identity; body: { reason: string } };

/** The same as the control plane wants it. */
export function orderOf({ route, caller, body }: Ordering): Author & { route: string } {
  return { route: route.name, changedBy: actorOf(caller), reason: body.reason };
}
