import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Conflict } from './conflict.tsx';
import { ActionButton } from './action-button.tsx';
import { Outcome } from './outcome.tsx';
import { useOrders } from './use-orders.ts';
import type { Order } from './use-orders.ts';

type Props = {
  /** Unlike any other panel's of the page. */
  name: string;
  route: RouteView;
  orders: readonly Order[];
};

/** Buttons for what can be ordered now; each asks for a reason before anything is sent. */
export function OrderPanel({ name, route, orders }: Props) {
  const control = useOrders(name, route, orders);
  const { chosen, blocked } = control;
  const cancel = () => {
    control.drop();
    requestAnimationFrame(() => document.getElementById(`${name}-${chosen?.name}`)?.focus());
  };
  const blockedId = `${name}-why-not`;
  const possible = orders.filter(({ isPossible }) => isPossible);
  return (
    <div class="orders">
      {chosen ? (
        <OrderForm panel={name} order={chosen} control={control} onCancel={cancel} />
      ) : (
        <div class="actions">
          {possible.map((order) => (
            <ActionButton
              key={order.name}
              id={`${name}-${order.name}`}
              look={order.look}
              label={order.label}
              whyNot={blocked}
              toldAt={blockedId}
              onClick={() => control.choose(order.name)}
            />
          ))}
          {possible.length > 0 && <WhyNot id={blockedId} text={blocked} />}
        </div>
      )}
      <Outcome outcome={control.outcome} takesFocus={!chosen} />
    </div>
  );
}

type FormProps = { panel: string; order: Order; control: ReturnType<typeof useOrders>; onCancel: () => void };

function OrderForm({ panel, order, control, onCancel }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  // At once, so that a hurried Enter meets the form, which takes none without a reason.
  useLayoutEffect(() => form.current?.querySelector('input')?.focus(), []);
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCancel();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    control.submit();
  };
  const { draft, newest, hasConflict, whyNot } = control;
  const whyNotId = `${panel}-why-not`;
  return (
    <form class={`order-form is-${order.look}`} ref={form} onSubmit={submit} onKeyDown={leave}>
      <p class="order-question">{order.question}</p>
      {order.fields}
      <label for={`${panel}-reason`}>Reason, for the audit log</label>
      <input
        id={`${panel}-reason`}
        maxLength={500}
        autocomplete="off"
        value={draft?.reason ?? ''}
        onInput={(event) => control.setReason(event.currentTarget.value)}
      />
      {hasConflict && draft && (
        <Conflict basis={draft.basis} newest={newest} onDecide={control.decideAgain} onDrop={control.drop} />
      )}
      <div class="actions">
        <ActionButton type="submit" look={order.look} label={order.confirm} whyNot={whyNot} toldAt={whyNotId} />
        <button type="button" class="plain" onClick={onCancel}>
          Leave it
        </button>
        <WhyNot id={whyNotId} text={whyNot} />
      </div>
    </form>
  );
}

function WhyNot({ id, text }: { id: string; text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <span class="why-not" id={id}>
      {text}
    </span>
  );
}
