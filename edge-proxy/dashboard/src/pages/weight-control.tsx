import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { ActionButton } from '../parts/action-button.tsx';
import { Outcome } from '../parts/outcome.tsx';
import { percent } from '../words/format.ts';
import { isUnderWay, rampInShort } from '../words/ramp-words.ts';
import { ConfirmEverybody } from './confirm-everybody.tsx';
import { Conflict } from '../parts/conflict.tsx';
import { MovePreview } from './move-preview.tsx';
import { useWeightControl } from './use-weight-control.ts';
import { WeightFields } from './weight-fields.tsx';

const APPLY_ID = 'weight-apply';

export function WeightControl({ route }: { route: RouteView }) {
  const control = useWeightControl(route);
  const { draft, newest, whyNot, typed } = control;
  const cancel = () => {
    control.cancel();
    requestAnimationFrame(() => document.getElementById(APPLY_ID)?.focus());
  };
  return (
    <section class="card" aria-labelledby="weight-title">
      <h2 id="weight-title">Change the weight</h2>
      {route.ramp && isUnderWay(route.ramp) && (
        <p class="hint">A weight of your own ends the ramp: {rampInShort(route.ramp)}.</p>
      )}
      <form
        class="weight-form"
        onSubmit={(event) => {
          event.preventDefault();
          control.submit();
        }}
      >
        <WeightFields route={route} draft={draft} mayChange={control.mayChange} onChange={control.change} />
        <MovePreview route={route} weight={typed.ok ? typed.weight : undefined} newest={newest} />
        {control.hasConflict && (
          <Conflict basis={draft.basis} newest={newest} onDecide={control.decideAgain} onDrop={control.drop} />
        )}
        {control.isAsking ? (
          <ConfirmEverybody
            sides={route.sides}
            from={newest.weight}
            whyNot={whyNot}
            onConfirm={control.confirm}
            onCancel={cancel}
          />
        ) : (
          <div class="actions">
            <ActionButton
              id={APPLY_ID}
              type="submit"
              look="primary"
              label={typed.ok ? `Apply ${percent(typed.weight)}` : 'Apply'}
              whyNot={whyNot}
            />
          </div>
        )}
      </form>
      <Outcome outcome={control.outcome} takesFocus={control.outcome?.kind === 'done'} />
    </section>
  );
}
