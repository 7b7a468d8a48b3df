import { nextState } from '../domain/route-state.ts';
import type { Change, RouteState } from '../domain/route-state.ts';
import type { Revision } from '../domain/weight.ts';
import type { SnapshotHolder } from '../snapshot.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { RouteStore } from './route-store.ts';

export type WeightChange = Change & {
  route: string;
  /** The revision that whoever asks has seen. `any` overrides whatever is there: for a rollback in a hurry. */
  expected: Revision | 'any';
};

/** What asking for a change can come to. Only `changed` has changed anything. */
export type ChangeResult =
  | { kind: 'changed'; before: RouteState; after: RouteState }
  | { kind: 'unknown-route' }
  | { kind: 'conflict'; current: RouteState }
  | { kind: 'unavailable'; cause: unknown };

export type ChangeWeight = (change: WeightChange) => Promise<ChangeResult>;

export type ChangeWeightOptions = { store: RouteStore; holder: SnapshotHolder; now: () => Date };

/** How often a change that takes any revision tries again after others were first. */
const MAX_ATTEMPTS = 5;

/**
 * The one door for every change, human or not. The snapshot holds every configured route, so it also says which exist.
 *
 * A change is stored, then in force, and only then answered; one that cannot be stored changes nothing. Changes of one
 * process take turns; among processes the store's compare-and-set decides.
 */
export function createChangeWeight({ store, holder, now }: ChangeWeightOptions): ChangeWeight {
  const inTurn = oneAtATime();
  return (change) => inTurn(() => attempt(change, MAX_ATTEMPTS));

  async function attempt(change: WeightChange, attemptsLeft: number): Promise<ChangeResult> {
    const before = holder.current.get(change.route);
    if (!before) return { kind: 'unknown-route' };
    if (change.expected !== 'any' && change.expected !== before.revision) return { kind: 'conflict', current: before };

    const after = nextState(before, change, now());
    const result = await store.append(after, before.revision);
    if (result.kind === 'unavailable') return result;
    if (result.kind === 'written') {
      putInForce(after);
      return { kind: 'changed', before, after };
    }
    if (result.current) putInForce(result.current);
    if (change.expected === 'any' && attemptsLeft > 1) return await attempt(change, attemptsLeft - 1);
    return { kind: 'conflict', current: holder.current.get(change.route) ?? before };
  }

  /** Never goes back to an older revision. */
  function putInForce(state: RouteState): void {
    const current = holder.current.get(state.route);
    if (current && current.revision >= state.revision) return;
    holder.swap(new Map(holder.current).set(state.route, state));
  }
}
