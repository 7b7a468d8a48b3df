import type { RampDecision } from './ramp-decision.ts';
import { isUnderWay } from './ramp.ts';
import type { Ramp, RampPhase, RampPlan } from './ramp.ts';
import { guardOf, nextState, rolledBack } from './route-state.ts';
import type { Author, RouteState, Update } from './route-state.ts';
import { EVERYBODY, NOBODY, revision } from './weight.ts';

/** Why a change does not go with the state that it would change. */
export type Refused = { readonly refused: string };

/** A change of a route, made or refused; the author and the time are filled in by whoever carries it out. */
export type Transition = RouteState | Refused;

export type RampOrder = 'pause' | 'resume' | 'promote' | 'freeze';

export function isRefused(transition: Transition): transition is Refused {
  return 'refused' in transition;
}

/** Begins at the first step that is not below the weight in force. */
export function startRamp(current: RouteState, plan: RampPlan, author: Author, at: Date): Transition {
  if (current.retired) return refuse(`Route ${current.route} is retired: unretire it first`);
  if (current.ramp && isUnderWay(current.ramp)) {
    return refuse(
      `A ramp of ${current.route} is under way (${current.ramp.phase}): roll it back, or set a weight, first`,
    );
  }
  const step = plan.steps.findIndex(({ weight }) => weight >= current.weight);
  const weight = plan.steps[step]?.weight;
  if (weight === undefined) {
    return refuse(`Route ${current.route} is at ${current.weight / 100} % already: no step of the plan is that high`);
  }
  const ramp: Ramp = { plan, id: revision(current.revision + 1), step, phase: 'running' };
  return nextState(current, { weight, ramp, beginsEpoch: true }, author, at);
}

/** What an operator orders while a ramp is under way. `promote` goes to the next step at once. */
export function steerRamp(current: RouteState, order: RampOrder, author: Author, at: Date): Transition {
  const { ramp } = current;
  if (!ramp || !(isUnderWay(ramp) || (ramp.phase === 'completed' && order === 'freeze'))) {
    return refuse(`No ramp of ${current.route} is under way${ramp ? `: the last one is ${ramp.phase}` : ''}`);
  }
  if (!FROM[order].includes(ramp.phase))
    return refuse(`The ramp of ${current.route} is ${ramp.phase}: it cannot ${order}`);
  if (order === 'promote') return promoted(current, ramp, author, at);
  const phase = order === 'resume' ? 'running' : order === 'pause' ? 'paused' : 'frozen';
  // What was frozen has failed, or was not judged for a while: it is judged anew.
  const beginsEpoch = order === 'resume' && ramp.phase === 'frozen';
  return nextState(current, { ramp: { ...ramp, phase }, beginsEpoch }, author, at);
}

/** What follows from a decision; `hold` changes nothing. */
export function carryOut(current: RouteState, decision: RampDecision, author: Author, at: Date): Transition {
  const ramp = guardOf(current);
  const { verdicts } = decision;
  if (!ramp || decision.kind === 'hold') return refuse(`There is nothing to do for the ramp of ${current.route}`);
  switch (decision.kind) {
    case 'advance':
    case 'complete':
      return promoted(current, ramp, { ...author, verdicts }, at);
    case 'wait':
      return nextState(current, { ramp: { ...ramp, phase: 'waiting' }, verdicts }, author, at);
    case 'freeze':
      return nextState(current, { ramp: { ...ramp, phase: 'frozen' }, verdicts }, author, at);
    case 'roll-back':
      return rolledBack(current, { ...author, verdicts }, at);
  }
}

/** To the next step, or, from the last one, to the end. */
function promoted(
  current: RouteState,
  ramp: Ramp,
  { verdicts, ...author }: Author & Pick<Update, 'verdicts'>,
  at: Date,
): RouteState {
  const step = ramp.step + 1;
  const next = ramp.plan.steps[step];
  const update: Update = next
    ? { ramp: { ...ramp, step, phase: 'running' }, weight: next.weight }
    : { ramp: { ...ramp, phase: 'completed' } };
  return nextState(current, { ...update, ...(verdicts && { verdicts }) }, author, at);
}

/** Takes the way back away, or gives it back; only what serves everybody can be retired. */
export function retire(current: RouteState, retired: boolean, author: Author, at: Date): Transition {
  if (current.retired === retired)
    return refuse(`Route ${current.route} is ${retired ? 'retired already' : 'not retired'}`);
  if (retired && current.weight !== EVERYBODY) {
    return refuse(`Route ${current.route} is at ${current.weight / 100} %: only a route at 100 % can be retired`);
  }
  if (retired && current.ramp && isUnderWay(current.ramp)) return refuse(`A ramp of ${current.route} is under way`);
  // What people met while there was no way back sends nobody back.
  const update: Update = retired ? { retired, mirrorShare: NOBODY } : { retired, beginsEpoch: true };
  return nextState(current, update, author, at);
}

const FROM: Readonly<Record<RampOrder, readonly RampPhase[]>> = {
  pause: ['running', 'waiting'],
  resume: ['paused', 'frozen'],
  promote: ['running', 'waiting', 'paused'],
  freeze: ['running', 'waiting', 'paused', 'completed'],
};

function refuse(refused: string): Refused {
  return { refused };
}
