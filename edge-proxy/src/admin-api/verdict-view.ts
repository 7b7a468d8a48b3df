import type { RouteVerdict } from '../control-plane/route-control.ts';
import type { GateVerdict } from '../domain/gate-verdict.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightToPercent } from '../domain/weight.ts';
import type { GateView, VerdictView } from './schemas.ts';

/** @param verdict undefined while nothing is judged */
export function verdictView({ route, weight, epoch }: RouteState, verdict: RouteVerdict | undefined): VerdictView {
  if (!verdict) {
    const nothing = { judged: false, at: null, gates: [], decision: null, is_leading: false };
    return { route, weight: weightToPercent(weight), epoch: epoch.revision, ...nothing };
  }
  const { decision } = verdict;
  return {
    route,
    judged: true,
    at: new Date(verdict.at).toISOString(),
    weight: weightToPercent(verdict.weight),
    epoch: verdict.epoch,
    gates: verdict.gates.map(gateView),
    decision: decision ? { kind: decision.kind, sentence: decision.sentence } : null,
    is_leading: verdict.isLeading,
  };
}

export function gateView({ gate, verdict, sentence, numbers }: GateVerdict): GateView {
  return { gate, verdict, sentence, numbers: { ...numbers } };
}
