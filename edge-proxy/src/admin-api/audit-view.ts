import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { AuditEntry } from './schemas.ts';
import { gateView } from './verdict-view.ts';

/** A change as the audit shows it: the state that it made. */
export function auditEntryView(state: RouteState): AuditEntry {
  const { route, revision, weight, weightBefore, mirrorShare, retired, ramp, verdicts } = state;
  return {
    route,
    revision,
    actor: state.changedBy,
    at: state.changedAt,
    reason: state.reason,
    before: weightBefore === undefined ? null : { weight: weightToPercent(weightBefore) },
    after: {
      weight: weightToPercent(weight),
      mirror_share: weightToPercent(mirrorShare),
      retired,
      ramp: ramp ? { phase: ramp.phase, step: ramp.step + 1 } : null,
    },
    verdicts: verdicts.map(gateView),
  };
}
