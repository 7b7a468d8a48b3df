import type { Drill, RetirementView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { duration, percent, plural } from './format.ts';

type Sides = RouteView['sides'];

/** Whether the old code may go, in a sentence. @param old name of the old side */
export function retirementInWords({ retired, may_go, conditions }: RetirementView, old: string): string {
  const unmet = conditions.filter(({ met }) => !met).length;
  const missing = `${unmet} of ${plural(conditions.length, 'condition')} ${unmet === 1 ? 'is' : 'are'} not met`;
  if (retired) {
    const state = 'The route is retired: a fault of the new side is an error for people, as nobody else answers.';
    return may_go ? `${state} The code of ${old} for it may go.` : `${state} But ${missing}.`;
  }
  return may_go
    ? `Yes: every condition is met. Retire the route, then the code of ${old} may go.`
    : `Not yet: ${missing}.`;
}

export function conditionInWords(name: RetirementView['conditions'][number]['name'], sides: Sides): string {
  return {
    full: `everybody is on ${sides.new}`,
    unused: `nobody needs ${sides.old}`,
    parity: 'both answer the same',
    drilled: 'going back was tried',
  }[name];
}

/** Why the old side is used. */
export function lastServedInWords(why: keyof RetirementView['last_served'], sides: Sides): string {
  return {
    weight: 'by its weight',
    fallback: `in place of ${sides.new}, which failed`,
    override: 'for a tester who asked for it',
    direct: 'by callers who go past the edge',
  }[why];
}

/** What a drill measured, and what is in force after it. */
export function drillInWords({ rollback_ms, acknowledged, replicas, restored, weight }: Drill): string {
  const edges = plural(replicas, 'edge');
  const measured = acknowledged
    ? `Back on ${edges} after ${duration(rollback_ms)}.`
    : `Not every one of ${edges} had rolled back after ${duration(rollback_ms)}.`;
  const after = restored
    ? `The weight is ${percent(weight)} again.`
    : `Somebody else changed the route meanwhile, so it stays at ${percent(weight)}.`;
  return `${measured} ${after}`;
}
