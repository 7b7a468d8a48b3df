import type { ChangedRoute, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { NoAnswerError, explain } from '../api/problem.ts';
import { forgetDraft, useDraft } from '../drafts.ts';
import { useLive, useSignedIn } from '../hooks.ts';
import { percent } from '../words/format.ts';
import { servedInWords } from '../words/outcome-words.ts';
import { whyNotRollback } from '../words/why-not.ts';
import { ActionButton } from './action-button.tsx';
import { Outcome } from './outcome.tsx';
import type { OutcomeText } from './outcome.tsx';

const USUAL_REASON = 'Rolled back from the dashboard';

/** Everybody back to the old side: one button, and Enter on a reason that is there already. */
export function Rollback({ route }: { route: RouteView }) {
  const { session, client } = useSignedIn();
  const { connection } = useLive();
  const [isOpen, setOpen] = useState(false);
  const [outcome, setOutcome] = useState<OutcomeText>();
  const [isBusy, setBusy] = useState(false);
  const id = `rollback-${route.route}`;
  const rollBack = async (reason: string) => {
    setBusy(true);
    setOutcome(undefined);
    const result = await client.rollback(route.route, { reason }).then(doneText, failedText);
    setOutcome(result);
    setBusy(false);
    if (result.kind === 'problem') return;
    forgetDraft(draftName(route));
    setOpen(false);
  };
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => document.getElementById(id)?.focus());
  };
  return (
    <div class="rollback">
      {isOpen ? (
        <RollbackForm route={route} isBusy={isBusy} onConfirm={rollBack} onCancel={close} />
      ) : (
        <ActionButton
          id={id}
          look="danger"
          label={`Roll back to ${route.sides.old}`}
          whyNot={whyNotRollback(route, session, connection.kind === 'live')}
          onClick={() => {
            setOutcome(undefined);
            setOpen(true);
          }}
        />
      )}
      <Outcome outcome={outcome} takesFocus={!isOpen} />
    </div>
  );
}

type FormProps = {
  route: RouteView;
  isBusy: boolean;
  onConfirm: (reason: string) => Promise<void>;
  onCancel: () => void;
};

function RollbackForm({ route, isBusy, onConfirm, onCancel }: FormProps) {
  const [reason, setReason] = useDraft(draftName(route), USUAL_REASON);
  const field = useRef<HTMLInputElement>(null);
  // At once, so that a hurried Enter meets the form.
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const whyNot = isBusy ? 'Rolling back …' : reason.trim() === '' ? 'Say why, in a word or two.' : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (whyNot === undefined) void onConfirm(reason.trim());
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCancel();
  };
  const id = `rollback-reason-${route.route}`;
  return (
    <form class="rollback-form" onSubmit={submit} onKeyDown={leave}>
      <label for={id}>Everybody goes to {route.sides.old} at once. Reason, for the audit log:</label>
      <input
        id={id}
        ref={field}
        maxLength={500}
        autocomplete="off"
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <div class="actions">
        <ActionButton type="submit" look="danger" label="Roll back now" whyNot={whyNot} />
        <button type="button" class="plain" onClick={onCancel}>
          Keep {percent(route.weight)}
        </button>
      </div>
    </form>
  );
}

function draftName({ route }: RouteView): string {
  return `rollback ${route}`;
}

function doneText({ sides, before, acknowledged, stored }: ChangedRoute): OutcomeText {
  const kept = stored ? '' : ' The store does not have it yet.';
  return {
    kind: 'done',
    text: `Rolled back from ${percent(before.weight)}: everybody is on ${sides.old}. ${servedInWords(acknowledged)}${kept}`,
  };
}

function failedText(error: unknown): OutcomeText {
  const text =
    error instanceof NoAnswerError
      ? 'No answer came, so it is not known whether the rollback was taken. Send it again: that does no harm.'
      : `Not rolled back. ${explain(error)}`;
  return { kind: 'problem', text };
}
