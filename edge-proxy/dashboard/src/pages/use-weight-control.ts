import type { ChangedRoute, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useState } from 'preact/hooks';
import { useDraft } from '../drafts.ts';
import { useLive, useSignedIn } from '../hooks.ts';
import type { OutcomeText } from '../parts/outcome.tsx';
import { learnt, useNewest } from '../use-newest.ts';
import type { Basis, Known } from '../use-newest.ts';
import { percent } from '../words/format.ts';
import { failedText, servedInWords } from '../words/outcome-words.ts';
import { readWeight } from '../words/weight-input.ts';
import { whyNotApply } from '../words/why-not.ts';

/** What is being decided, and on what state of the route: a change of somebody else's makes it a new decision. */
export type WeightDraft = { typed: string; reason: string; basis: Basis };

/** In percent; the old side serves nobody then, so it takes a second word. */
const EVERYBODY = 100;

/** The decision on a route's weight: what is typed, why it cannot be applied yet, and what came of it. */
export function useWeightControl(route: RouteView) {
  const { session } = useSignedIn();
  const { latest, connection } = useLive();
  const [kept, setKept] = useDraft<WeightDraft | undefined>(`weight ${route.route}`, undefined);
  const [newest, learn] = useNewest(route);
  const draft = kept ?? untouched(newest);
  const typed = readWeight(draft.typed);
  const { apply, isBusy, outcome, clearOutcome } = useApply(route, { newest, learn });
  const [isAsking, setAsking] = useState(false);
  const hasConflict = !isBusy && draft.basis.revision !== newest.revision;
  const whyNot = whyNotApply({
    session,
    store: connection.kind === 'live' ? latest?.store.state : undefined,
    isBusy,
    hasConflict,
    typed,
    current: newest.weight,
    reason: draft.reason,
  });
  const keep = (next: WeightDraft | undefined) => {
    clearOutcome();
    setAsking(false);
    setKept(next);
  };
  const confirm = () =>
    void apply(draft, () => {
      setAsking(false);
      setKept(undefined);
    });
  const submit = () => {
    if (whyNot !== undefined) return;
    if (typed.ok && typed.weight === EVERYBODY) setAsking(true);
    else confirm();
  };
  return {
    draft,
    newest,
    typed,
    hasConflict,
    whyNot,
    outcome,
    mayChange: session.may_change,
    /** Whether it waits for `confirm`. */
    isAsking,
    submit,
    confirm,
    cancel: () => setAsking(false),
    change: (next: WeightDraft) => keep(isUntouched(next) ? undefined : next),
    decideAgain: () => keep({ ...draft, basis: { revision: newest.revision, weight: newest.weight } }),
    drop: () => keep(undefined),
  };
}

function useApply(route: RouteView, { newest, learn }: { newest: Known; learn: (known: Known) => void }) {
  const { client } = useSignedIn();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<OutcomeText>();

  async function apply({ typed, reason, basis }: WeightDraft, onDone: () => void): Promise<void> {
    const read = readWeight(typed);
    if (!read.ok) return;
    setBusy(true);
    setOutcome(undefined);
    const change = { weight: read.weight, reason: reason.trim() };
    try {
      const changed = await client.changeWeight(route.route, basis.revision, change);
      learn(changed);
      onDone();
      setOutcome(doneText(changed));
    } catch (error) {
      const known = await learnt(error, { client, route: route.route, newest });
      if (known) learn(known);
      setOutcome(failedText(error));
    }
    setBusy(false);
  }

  return { apply, isBusy, outcome, clearOutcome: () => setOutcome(undefined) };
}

function untouched({ revision, weight }: Known): WeightDraft {
  return { typed: String(weight), reason: '', basis: { revision, weight } };
}

function isUntouched({ typed, reason, basis }: WeightDraft): boolean {
  return reason === '' && typed === String(basis.weight);
}

function doneText({ before, weight, acknowledged }: ChangedRoute): OutcomeText {
  const text = `In force: ${percent(before.weight)} → ${percent(weight)}. ${servedInWords(acknowledged)}`;
  return { kind: 'done', text };
}
