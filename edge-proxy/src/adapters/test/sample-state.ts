import type { GateVerdict } from '../../domain/gate-verdict.ts';
import type { Ramp, RampPlan } from '../../domain/ramp.ts';
import { initialState, nextState } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { NOBODY, revision } from '../../domain/weight.ts';
import type { Weight } from '../../domain/weight.ts';

const at = new Date('2026-03-01T03:00:00Z');

/** The state of a route at a revision, told apart from others of that revision by its reason. */
export function stateAt(wanted: { route?: string; revision: number; weight?: number; reason?: string }): RouteState {
  const before = { ...initialState(wanted.route ?? 'wod', NOBODY, at), revision: revision(wanted.revision - 1) };
  const weight = (wanted.weight ?? wanted.revision) as Weight;
  const author = { changedBy: 'ops@fit.example', reason: wanted.reason ?? `step ${wanted.revision}` };
  return nextState(before, { weight }, author, at);
}

/** A plan that says all that a plan can. */
export const PLAN: RampPlan = {
  steps: [
    { weight: 100 as Weight, bakeMs: 600_000, approve: 'auto' },
    { weight: 2500 as Weight, bakeMs: 0, approve: 'manual' },
    { weight: 10_000 as Weight, bakeMs: 0, approve: 'auto' },
  ],
  onFail: 'freeze',
  judgedBy: 'custom-gates',
  minimumUsers: 20,
  gates: {
    failedPercent: 1,
    slowPercent: 0.5,
    invalidPercent: 0,
    custom: [
      {
        name: 'empty-plans',
        upstream: 'coach',
        path: '/metrics',
        bad: 'plans_total{kind="empty"}',
        good: undefined,
        total: 'plans_total',
        maxPercent: 2.5,
      },
    ],
  },
};

/** Verdicts of so many gates. */
export function verdictsOf(gates: number): GateVerdict[] {
  return Array.from({ length: gates }, (_, index) => ({
    gate: `gate-${index}`,
    verdict: 'pass',
    sentence: `Of 1,234 people on the new side ${index} failed: at most 0.9 % with 99.9 % confidence, 1 % is allowed.`,
    numbers: { users: 1234, failed: index, upperPercent: 0.8973, logWealth: -3.25e-7 },
  }));
}

/** The state of the route `wod` in the middle of a ramp, with all that a state can say. */
export function fullState(at: number, phase: Ramp['phase'] = 'running'): RouteState {
  return {
    ...stateAt({ revision: at, weight: 2500 }),
    epoch: { revision: revision(at - 1), since: '2026-02-28T23:59:59.999Z' },
    mirrorShare: 1050 as Weight,
    mirrorEpoch: revision(1),
    retired: true,
    ramp: { id: revision(1), step: 1, phase, plan: PLAN },
    verdicts: verdictsOf(2),
  };
}
