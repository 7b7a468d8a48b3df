import { initialState, nextState } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { NOBODY, revision } from '../../domain/weight.ts';
import type { Weight } from '../../domain/weight.ts';

const at = new Date('2026-03-01T03:00:00Z');

/** The state of a route at a revision, told apart from others of that revision by its reason. */
export function stateAt(wanted: { route?: string; revision: number; weight?: number; reason?: string }): RouteState {
  const before = { ...initialState(wanted.route ?? 'wod', NOBODY, at), revision: revision(wanted.revision - 1) };
  const weight = (wanted.weight ?? wanted.revision) as Weight;
  return nextState(
    before,
    { weight, changedBy: 'ops@fit.example', reason: wanted.reason ?? `step ${wanted.revision}` },
    at,
  );
}
