import { writtenPlan } from '../domain/ramp-plan.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { RampView } from './schemas.ts';

/** The last ramp of a route, as far as it has come. */
export function rampView({ ramp, epoch }: Pick<RouteState, 'ramp' | 'epoch'>, now: Date): RampView | null {
  if (!ramp) return null;
  const { plan, phase, step, id } = ramp;
  const bakedMs = now.getTime() - Date.parse(epoch.since);
  return {
    plan: {
      steps: writtenPlan(plan).steps,
      on_fail: plan.onFail,
      judged_by: plan.judgedBy,
      minimum_users: plan.minimumUsers,
    },
    phase,
    step: step + 1,
    steps: plan.steps.map(({ weight, bakeMs, approve }) => ({
      weight: weightToPercent(weight),
      bake_seconds: bakeMs / 1000,
      approve,
    })),
    started_at_revision: id,
    step_since: epoch.since,
    baked: bakedMs >= (plan.steps[step]?.bakeMs ?? 0),
  };
}
