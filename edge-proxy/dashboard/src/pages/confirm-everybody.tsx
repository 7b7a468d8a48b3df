import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ActionButton } from '../parts/action-button.tsx';
import { percent } from '../words/format.ts';

type Props = {
  sides: RouteView['sides'];
  /** In percent, in force now. */
  from: number;
  whyNot: string | undefined;
  onConfirm: () => void;
  onCancel: () => void;
};

/** Asked before everybody goes to the new side. It takes the focus, but no button of it does: a second Enter does nothing. */
export function ConfirmEverybody({ sides, from, whyNot, onConfirm, onCancel }: Props) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.focus(), []);
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCancel();
  };
  return (
    <div class="notice" role="group" aria-labelledby="confirm-title" tabIndex={-1} ref={box} onKeyDown={leave}>
      <p class="notice-title" id="confirm-title">
        {sides.old} then serves nobody on this route. Put everybody on {sides.new}?
      </p>
      <div class="actions">
        <ActionButton
          look="primary"
          label={`Yes, ${percent(from)} → ${percent(100)}`}
          whyNot={whyNot}
          onClick={onConfirm}
        />
        <button type="button" class="plain" onClick={onCancel}>
          Keep {percent(from)}
        </button>
      </div>
    </div>
  );
}
