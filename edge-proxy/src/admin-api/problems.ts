import { ProblemError } from '@fit/service-kit/problem';
import type { ChangeResult } from '../control-plane/change-route.ts';
import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import { entityTag } from './schemas.ts';

/** A store behind a network may have got what it did not confirm. */
const UNCONFIRMED =
  'The store did not confirm the change. If it has it all the same, it comes into force on every edge: look at the route ' +
  'before you try again';
const NOT_STORED = 'The store cannot be reached; nothing was changed';

/** Why a change was not made. */
export function refusedChange(result: Exclude<ChangeResult, { kind: 'changed' }>, route: string): ProblemError {
  switch (result.kind) {
    case 'unknown-route':
      return unknownRoute(route);
    case 'refused':
      return new ProblemError('not-possible', result.detail);
    case 'conflict':
      return conflict(result.current);
    case 'unavailable':
      return storeUnavailable(result.maybeWritten ? UNCONFIRMED : NOT_STORED, result.cause);
  }
}

export function unknownRoute(name: string): ProblemError {
  return new ProblemError('not-found', `There is no route ${JSON.stringify(name.slice(0, 100))}`);
}

/** @throws ProblemError 503 while the edge begins */
export function stateInForce(control: Pick<RouteControl, 'stateOf'>, { name }: ConfiguredRoute): RouteState {
  const state = control.stateOf(name);
  if (!state) throw new ProblemError('not-ready', `Route ${name} has no state yet`);
  return state;
}

export function storeUnavailable(detail: string, cause: unknown): ProblemError {
  return new ProblemError('store-unavailable', detail, { cause });
}

function conflict({ route, revision, weight, changedBy }: RouteState): ProblemError {
  const percent = weightToPercent(weight);
  return new ProblemError(
    'revision-conflict',
    `Route ${route} is at revision ${revision} (${percent} %, by ${changedBy}), not the one in If-Match`,
    {
      extensions: { current_revision: revision, current_weight: percent },
      headers: { etag: entityTag(revision) },
    },
  );
}
