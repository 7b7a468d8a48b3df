import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useSignedIn } from '../hooks.ts';
import { SideName } from '../parts/side-name.tsx';
import { readWeight, stepWeight } from '../words/weight-input.ts';
import { whyNotChange } from '../words/why-not.ts';
import type { WeightDraft } from './use-weight-control.ts';

/** Steps of 0.01 for each key; with Shift a whole percent. */
const KEY_STEPS: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 };
const SHIFT_FACTOR = 100;

type Props = { route: RouteView; draft: WeightDraft; mayChange: boolean; onChange: (draft: WeightDraft) => void };

export function WeightFields({ route, draft, mayChange, onChange }: Props) {
  const { session } = useSignedIn();
  return (
    <fieldset disabled={!mayChange} aria-describedby={mayChange ? undefined : 'weight-why-not'}>
      <legend>
        Share of users on <SideName side="new" name={route.sides.new} />
      </legend>
      {!mayChange && (
        <p class="why-not" id="weight-why-not">
          {whyNotChange(session)}
        </p>
      )}
      <div class="weight-inputs">
        <WeightText draft={draft} onChange={onChange} />
        <WeightSlider route={route} draft={draft} onChange={onChange} />
      </div>
      <label for="weight-reason">Reason, for the audit log</label>
      <input
        id="weight-reason"
        maxLength={500}
        autocomplete="off"
        required
        value={draft.reason}
        onInput={(event) => onChange({ ...draft, reason: event.currentTarget.value })}
      />
    </fieldset>
  );
}

type InputProps = Pick<Props, 'draft' | 'onChange'>;

/** Text, as a number field would change under the mouse wheel. */
function WeightText({ draft, onChange }: InputProps) {
  const typed = readWeight(draft.typed);
  const step = (event: KeyboardEvent) => {
    const steps = KEY_STEPS[event.key];
    if (steps === undefined || !typed.ok) return;
    event.preventDefault();
    const next = stepWeight(typed.weight, event.shiftKey ? steps * SHIFT_FACTOR : steps);
    onChange({ ...draft, typed: String(next) });
  };
  return (
    <div>
      <label for="weight-typed">Weight in percent</label>
      <div class="weight-typed">
        <input
          id="weight-typed"
          inputMode="decimal"
          autocomplete="off"
          aria-invalid={!typed.ok}
          aria-describedby="weight-keys"
          value={draft.typed}
          onInput={(event) => onChange({ ...draft, typed: event.currentTarget.value })}
          onKeyDown={step}
        />
        <span aria-hidden="true">%</span>
      </div>
      <p class="hint" id="weight-keys">
        0 to 100 in steps of 0.01. ↑ ↓ step, with Shift by 1.
      </p>
    </div>
  );
}

function WeightSlider({ route, draft, onChange }: InputProps & { route: RouteView }) {
  const typed = readWeight(draft.typed);
  const weight = typed.ok ? typed.weight : draft.basis.weight;
  return (
    <div>
      <label for="weight-slid">Slide</label>
      <input
        id="weight-slid"
        type="range"
        min="0"
        max="100"
        step="0.01"
        value={weight}
        style={{ '--share': `${weight}%` }}
        aria-valuetext={`${weight} percent on ${route.sides.new}`}
        onInput={(event) => onChange({ ...draft, typed: String(Number(event.currentTarget.value)) })}
      />
      <div class="slider-ends" aria-hidden="true">
        <span>all {route.sides.old}</span>
        <span>all {route.sides.new}</span>
      </div>
    </div>
  );
}
