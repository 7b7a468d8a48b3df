import type { RouteView, Session } from '@fit/edge-proxy/admin-api/schemas';
import type { TypedWeight } from './weight-input.ts';

/** Why somebody may look and not change; undefined for those who may. */
export function whyNotChange({ may_change, roles }: Session): string | undefined {
  if (may_change) return undefined;
  return `Your role (${roles.join(', ') || 'none'}) may look, but not change. It takes the role operator or admin.`;
}

export const STORE_DOWN = 'The store cannot be reached: only rollback works now.';
export const SAY_WHY = 'Say why: the reason goes into the audit log.';

/** Why nothing at all but a rollback can be ordered now. @param store undefined while nothing is heard of it */
export function whyNotOrder(session: Session, store: 'up' | 'down' | undefined): string | undefined {
  if (!session.may_change) return whyNotChange(session);
  return store === 'down' ? STORE_DOWN : undefined;
}

export type WeightDecision = {
  session: Session;
  /** Undefined while nothing is heard of it. */
  store: 'up' | 'down' | undefined;
  isBusy: boolean;
  hasConflict: boolean;
  typed: TypedWeight;
  /** In force now. */
  current: number;
  reason: string;
};

/** Why a weight cannot be applied now, what matters most first; undefined if it can. */
export function whyNotApply(decision: WeightDecision): string | undefined {
  const { typed } = decision;
  if (!decision.session.may_change) return whyNotChange(decision.session);
  if (decision.isBusy) return 'Being applied …';
  if (decision.store === 'down') return STORE_DOWN;
  if (decision.hasConflict) return 'Somebody else changed it meanwhile: decide again first.';
  if (!typed.ok) return typed.problem;
  if (typed.weight === decision.current) return 'This is the weight in force.';
  if (decision.reason.trim() === '') return SAY_WHY;
  return undefined;
}

/**
 * Why rolling back would change nothing, or is not allowed; undefined if it can be done. In doubt it can: what is seen may
 * be old, or an edge may not serve it.
 */
export function whyNotRollback(route: RouteView, session: Session, isLive: boolean): string | undefined {
  if (!session.may_change) return whyNotChange(session);
  const { serving, replicas } = route.acknowledged;
  if (isLive && route.retired) return `There is no way back: ${route.route} is retired. Unretire it first.`;
  if (isLive && route.weight === 0 && serving === replicas) return `Everybody is on ${route.sides.old} already.`;
  return undefined;
}
