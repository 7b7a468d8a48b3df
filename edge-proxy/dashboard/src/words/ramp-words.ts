import type { GateView, RampView, RouteView, VerdictView } from '@fit/edge-proxy/admin-api/schemas';
import type { RampOrder } from '../api/admin-client.ts';
import { countdown, percent, plannedTime } from './format.ts';

type Phase = RampView['phase'];
export type StepState = 'done' | 'current' | 'ended' | 'ahead';

/** How each step of a ramp stands, in order. */
export function stepStates({ steps, step, phase }: RampView): StepState[] {
  return steps.map((_step, index) => {
    if (phase === 'completed' || index + 1 < step) return 'done';
    if (index + 1 > step) return 'ahead';
    return phase === 'rolled-back' || phase === 'cancelled' ? 'ended' : 'current';
  });
}

/** Whether it may yet go on to its next step. */
export function isUnderWay(ramp: RampView | null): boolean {
  return ramp !== null && ['running', 'paused', 'waiting', 'frozen'].includes(ramp.phase);
}

export function phaseInWords(phase: Phase, sides: RouteView['sides']): { name: string; meaning: string } {
  const meaning = {
    running: 'goes on by itself',
    paused: 'stays at this step until somebody resumes it; still judged',
    waiting: 'everything passes; an operator has to promote it',
    frozen: 'stays at this step and is not judged; an operator decides',
    completed: 'the last step passed; still judged until somebody changes the weight',
    'rolled-back': `everybody went back to ${sides.old}`,
    cancelled: 'somebody set a weight instead',
  }[phase];
  return { name: phase.replace('-', ' '), meaning };
}

/** A ramp in a few words: "step 2 of 4 (25 %), running". */
export function rampInShort({ steps, step, phase }: RampView): string {
  const name = phase.replace('-', ' ');
  const place = `step ${step} of ${steps.length} (${percent(steps[step - 1]?.weight ?? 0)})`;
  if (phase === 'completed') return `${name} at ${percent(steps.at(-1)?.weight ?? 0)}`;
  return phase === 'rolled-back' || phase === 'cancelled' ? `${name} at ${place}` : `${place}, ${name}`;
}

/** Where the route is, to be followed by since when. @param weight in force */
export function standInWords(ramp: RampView, weight: number): string {
  if (isUnderWay(ramp)) return `Step ${ramp.step} of ${ramp.steps.length}, in force`;
  const now = `at ${percent(weight)}`;
  return ramp.phase === 'completed' ? `Completed: ${now}` : `The last ramp was ${rampInShort(ramp)}; ${now}`;
}

/** How long the step in force has yet to bake; 0 once it has. @param now milliseconds since the epoch, by the edge's clock */
export function bakeLeftMs({ steps, step, step_since, baked }: RampView, now: number): number {
  const bakeMs = 1000 * (steps[step - 1]?.bake_seconds ?? 0);
  return baked ? 0 : Math.max(0, Date.parse(step_since) + bakeMs - now);
}

/** What is left of the bake time of the step in force. */
export function bakeInWords(ramp: RampView, now: number): string {
  const bakeMs = 1000 * (ramp.steps[ramp.step - 1]?.bake_seconds ?? 0);
  if (bakeMs === 0) return 'no bake time';
  const leftMs = bakeLeftMs(ramp, now);
  return leftMs > 0 ? `bakes for another ${countdown(leftMs)}` : `baked for its ${plannedTime(bakeMs)}`;
}

export const VERDICT_WORDS: Readonly<Record<GateView['verdict'], string>> = {
  pass: '✓ pass',
  fail: '✕ fail',
  'not-enough-data': '… not enough data',
  'not-applicable': '– not applicable',
};

/** A gate's sentence without the gate's name before it, for where the name stands above. */
export function sentenceAlone({ gate, sentence }: GateView): string {
  return sentence.startsWith(`${gate}: `) ? sentence.slice(gate.length + 2) : sentence;
}

/** What follows from the gates: a word for it, and the sentence; undefined where no ramp guards the route. */
export function decisionInWords(verdict: VerdictView | undefined): { word: string; sentence: string } | undefined {
  if (!verdict?.decision) return undefined;
  const { kind, sentence } = verdict.decision;
  const word = {
    hold: 'stay',
    advance: 'go on',
    wait: 'wait for an operator',
    complete: 'complete',
    'roll-back': 'roll back',
    freeze: 'freeze',
  }[kind];
  return { word, sentence };
}

const POSSIBLE: Readonly<Record<RampOrder | 'promote', readonly Phase[]>> = {
  resume: ['paused', 'frozen'],
  promote: ['waiting', 'running', 'paused'],
  pause: ['running', 'waiting'],
  freeze: ['running', 'waiting', 'paused', 'completed'],
};

/** Whether an order goes with what the ramp does. */
export function isPossible(order: RampOrder | 'promote', ramp: RampView | null): boolean {
  return ramp !== null && POSSIBLE[order].includes(ramp.phase);
}

/** The weight that a promotion leads to; undefined from the last step, which it completes. */
export function promotedWeight({ steps, step }: RampView): number | undefined {
  return steps[step]?.weight;
}
