import type { GateVerdict } from './gate-verdict.ts';
import { isGuarding, isUnderWay } from './ramp.ts';
import type { Ramp, RampPhase } from './ramp.ts';
import { EVERYBODY, NOBODY, revision } from './weight.ts';
import type { Revision, Weight } from './weight.ts';

/** All that changes about a route while the edge runs. Immutable: a change makes a new one. */
export type RouteState = {
  readonly route: string;
  /** 0 while the route is as its configuration began it. */
  readonly revision: Revision;
  readonly weight: Weight;
  /** What it was before this change; undefined at revision 0, and where an older version of the edge wrote the change. */
  readonly weightBefore: Weight | undefined;
  /** Since when people have been split like this: what they meet is judged from there. */
  readonly epoch: Epoch;
  /** Share of safe requests that is copied to the side that did not answer. */
  readonly mirrorShare: Weight;
  /** The revision at which mirroring began, or was begun anew; what was compared counts from there. */
  readonly mirrorEpoch: Revision;
  /** At 100 %, and deliberately without a way back. */
  readonly retired: boolean;
  /** The last ramp, under way or not. */
  readonly ramp: Ramp | undefined;
  /** What this change rests on, if the edge itself made it. */
  readonly verdicts: readonly GateVerdict[];
  /** `sub` of the operator's token, or the part of the edge that made the change. */
  readonly changedBy: string;
  /** RFC 3339, UTC. */
  readonly changedAt: string;
  readonly reason: string;
};

/** `since`: RFC 3339, UTC. */
export type Epoch = { readonly revision: Revision; readonly since: string };

/** Who makes a change, and why. */
export type Author = Pick<RouteState, 'changedBy' | 'reason'>;

/** What a change changes; all else stays. */
export type Update = Partial<Pick<RouteState, 'weight' | 'mirrorShare' | 'retired' | 'verdicts'>> & {
  /** A new ramp or the same in another phase; an epoch of its own if it starts, or goes on after a freeze. */
  ramp?: Ramp | undefined;
  beginsEpoch?: boolean;
};

/** Where a migration stands; derived from the state, never stored. */
export const PHASES = ['legacy', 'shadow', 'canary', 'full', 'retired'] as const;
export type Phase = (typeof PHASES)[number];

type Ramping = Pick<RouteState, 'ramp' | 'retired'>;

/** The ramp by whose plan people are judged, whether anything follows from that or not. */
export function rampInForce({ ramp, retired }: Ramping): Ramp | undefined {
  return ramp && !retired && (isUnderWay(ramp) || isGuarding(ramp)) ? ramp : undefined;
}

/** The ramp whose verdicts lead to something; there is no way back from a retired route. */
export function guardOf(state: Ramping): Ramp | undefined {
  const ramp = rampInForce(state);
  return ramp && isGuarding(ramp) ? ramp : undefined;
}

/** The state of a route that nobody changed yet. */
export function initialState(route: string, weight: Weight, at: Date): RouteState {
  return {
    route,
    revision: revision(0),
    weight,
    weightBefore: undefined,
    epoch: { revision: revision(0), since: at.toISOString() },
    mirrorShare: NOBODY,
    mirrorEpoch: revision(0),
    retired: false,
    ramp: undefined,
    verdicts: [],
    changedBy: 'configuration',
    changedAt: at.toISOString(),
    reason: 'initial weight',
  };
}

/** Whether anybody ever changed the route; until then its configuration counts. */
export function wasChanged({ revision }: RouteState): boolean {
  return revision > 0;
}

/** The state after a change. */
export function nextState(current: RouteState, update: Update, author: Author, at: Date): RouteState {
  const next = revision(current.revision + 1);
  const { weight = current.weight, mirrorShare = current.mirrorShare, retired = current.retired } = update;
  const beginsEpoch = update.beginsEpoch === true || weight !== current.weight;
  const beginsMirror = current.mirrorShare === NOBODY && mirrorShare > NOBODY;
  return {
    route: current.route,
    revision: next,
    weight,
    weightBefore: current.weight,
    epoch: beginsEpoch ? { revision: next, since: at.toISOString() } : current.epoch,
    mirrorShare,
    mirrorEpoch: beginsMirror ? next : current.mirrorEpoch,
    retired,
    ramp: 'ramp' in update ? update.ramp : current.ramp,
    verdicts: update.verdicts ?? [],
    changedBy: author.changedBy,
    changedAt: at.toISOString(),
    reason: author.reason,
  };
}

/** An operator's weight: it ends a ramp. */
export function weighted(current: RouteState, weight: Weight, author: Author, at: Date): RouteState {
  return nextState(current, { weight, ramp: ended(current.ramp, 'cancelled') }, author, at);
}

/** Everybody back to the old side, whatever there was. */
export function rolledBack(
  current: RouteState,
  { verdicts, ...author }: Author & Pick<RouteState, 'verdicts'>,
  at: Date,
): RouteState {
  const ramp = ended(current.ramp, 'rolled-back');
  return nextState(current, { weight: NOBODY, retired: false, ramp, verdicts }, author, at);
}

/** Whether a state goes before another one of the same route: it is newer, or as new and not the same. */
export function replaces(state: RouteState, current: RouteState): boolean {
  if (state.revision !== current.revision) return state.revision > current.revision;
  return state.weight !== current.weight || state.changedAt !== current.changedAt;
}

/** Whether two states were made by one change, whatever revisions it was given: a change may reach a store more than once. */
export function isSameChange(one: RouteState, other: RouteState): boolean {
  return (
    one.route === other.route &&
    one.weight === other.weight &&
    one.changedAt === other.changedAt &&
    one.changedBy === other.changedBy &&
    one.reason === other.reason
  );
}

export function phaseOf({
  weight,
  mirrorShare,
  retired,
}: Pick<RouteState, 'weight' | 'mirrorShare' | 'retired'>): Phase {
  if (weight === NOBODY) return mirrorShare > NOBODY ? 'shadow' : 'legacy';
  if (weight < EVERYBODY) return 'canary';
  return retired ? 'retired' : 'full';
}

function ended(ramp: Ramp | undefined, phase: RampPhase): Ramp | undefined {
  if (!ramp) return undefined;
  return isUnderWay(ramp) || ramp.phase === 'completed' ? { ...ramp, phase } : ramp;
}
