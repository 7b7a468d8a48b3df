import type { RampView } from '@fit/edge-proxy/admin-api/schemas';
import { useEdgeNow } from '../hooks.ts';
import { percent, plannedTime } from '../words/format.ts';
import { bakeInWords, bakeLeftMs, stepStates } from '../words/ramp-words.ts';
import type { StepState } from '../words/ramp-words.ts';

type Step = RampView['steps'][number];

const MARKS: Readonly<Record<StepState, string>> = { done: '✓ ', current: '▶ ', ended: '✕ ', ahead: '' };
const WORDS: Readonly<Record<StepState, string>> = {
  done: 'done',
  current: 'in force',
  ended: 'ended here',
  ahead: 'ahead',
};

/** The steps of a ramp in a row: which are done, which is in force and how far it has baked, which are ahead. */
export function RampTrack({ ramp }: { ramp: RampView }) {
  const now = useEdgeNow();
  const states = stepStates(ramp);
  return (
    <ol class="track">
      {ramp.steps.map((step, index) => {
        const state = states[index] ?? 'ahead';
        return (
          <li key={index} class={`track-step is-${state}`} aria-current={state === 'current' ? 'step' : undefined}>
            <span class="track-bar" aria-hidden="true">
              <span class="track-filled" style={{ width: `${bakedPercent(state, ramp, now)}%` }} />
            </span>
            <strong class="track-weight">
              <span aria-hidden="true">{MARKS[state]}</span>
              {percent(step.weight)}
            </strong>
            <span class="track-word">{WORDS[state]}</span>
            <span class="track-note">{state === 'current' ? bakeInWords(ramp, now) : planInWords(step)}</span>
            {step.approve === 'manual' && <span class="track-note">promoted by hand</span>}
          </li>
        );
      })}
    </ol>
  );
}

function planInWords({ bake_seconds }: Step): string {
  return bake_seconds === 0 ? 'no bake time' : `for ${plannedTime(1000 * bake_seconds)}`;
}

/** How much of a step's bar is filled. */
function bakedPercent(state: StepState, ramp: RampView, now: number): number {
  if (state !== 'current') return state === 'done' ? 100 : 0;
  const bakeMs = 1000 * (ramp.steps[ramp.step - 1]?.bake_seconds ?? 0);
  return bakeMs === 0 ? 100 : 100 * (1 - bakeLeftMs(ramp, now) / bakeMs);
}
