import type { Evidence } from './evidence.ts';
import type { GateVerdict } from './gate-verdict.ts';
import { judge } from './judge.ts';
import { isGuarding } from './ramp.ts';
import type { Ramp } from './ramp.ts';
import { writtenDuration, writtenStep } from './ramp-plan.ts';
import type { RampDecision } from './ramp-decision.ts';
import { SHARE_GATE } from './share-check.ts';
import { weightToPercent } from './weight.ts';
import type { Weight } from './weight.ts';

/** Longest sentence: it becomes the reason of an audit entry. */
export const LONGEST_SENTENCE = 480;

export type RampLook = {
  readonly ramp: Ramp;
  /** In force. */
  readonly weight: Weight;
  /** Since when; milliseconds of the clock of `now`. */
  readonly epochSinceMs: number;
  /** Of that epoch, all edges merged; undefined: nothing was seen. */
  readonly evidence: Evidence | undefined;
  /** Whether the route has rules for the content of answers. */
  readonly checksContent: boolean;
  readonly now: number;
};

/**
 * What is to be done with a ramp, from what is known and nothing else. In every phase that is judged, a gate that fails rolls
 * back or freezes, as the plan says. A ramp that runs leaves its step when the step has baked and every gate passes or does not
 * apply; the share check, unlike the others, only holds it.
 */
export function decideRamp({ ramp, weight, epochSinceMs, now, ...seen }: RampLook): RampDecision {
  const verdicts = judge({ plan: ramp.plan, weight, sinceMs: epochSinceMs, now, ...seen });
  const failing = verdicts.filter(({ gate, verdict }) => verdict === 'fail' && gate !== SHARE_GATE);
  const at = `${weightToPercent(weight)} %, step ${ramp.step + 1} of ${ramp.plan.steps.length}`;
  const decided = (kind: RampDecision['kind'], said: string): RampDecision => ({
    kind,
    sentence: shortened(`${at}: ${said}`),
    verdicts,
  });
  if (!isGuarding(ramp)) return decided('hold', `${ramp.phase}: nothing follows from what gates say`);
  if (failing.length > 0) {
    return decided(ramp.plan.onFail === 'freeze' ? 'freeze' : 'roll-back', failureSentence(failing));
  }
  const blocking = ['fail', 'not-enough-data'].flatMap((kind) => verdicts.filter(({ verdict }) => verdict === kind));
  if (ramp.phase !== 'running') return decided('hold', restingSentence(ramp.phase, blocking));
  return decided(...nextMove(ramp, blocking, now - epochSinceMs));
}

function nextMove(
  { plan, step }: Ramp,
  blocking: readonly GateVerdict[],
  bakedMs: number,
): [RampDecision['kind'], string] {
  const current = plan.steps[step]!;
  const leftMs = current.bakeMs - bakedMs;
  if (leftMs > 0) return ['hold', `bakes for another ${writtenDuration(Math.ceil(leftMs / 1000) * 1000)}`];
  if (blocking.length > 0) return ['hold', `waits for ${gateNames(blocking)}; ${blocking[0]!.sentence}`];
  if (current.approve === 'manual') return ['wait', 'every gate passes; an operator has to promote it'];
  const next = plan.steps[step + 1];
  if (!next) return ['complete', 'every gate passes; the plan is carried out and stays guarded'];
  return ['advance', `every gate passes; on to ${writtenStep(next)}`];
}

function restingSentence(phase: Ramp['phase'], blocking: readonly GateVerdict[]): string {
  if (blocking.length === 0) return `${phase}; every gate passes`;
  return `${phase}; no gate fails, ${gateNames(blocking)} without a pass; ${blocking[0]!.sentence}`;
}

function failureSentence(failing: readonly GateVerdict[]): string {
  const others = failing.length === 1 ? '' : ` (also failing: ${gateNames(failing.slice(1))})`;
  return `gate ${failing[0]!.sentence}${others}`;
}

function gateNames(verdicts: readonly GateVerdict[]): string {
  return verdicts.map(({ gate }) => gate).join(', ');
}

function shortened(sentence: string): string {
  return sentence.length <= LONGEST_SENTENCE ? sentence : `${sentence.slice(0, LONGEST_SENTENCE - 1)}…`;
}
