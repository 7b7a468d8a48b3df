import type { ChangedRoute, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useState } from 'preact/hooks';
import { NoAnswerError, RefusedError, explain } from '../api/problem.ts';
import { useDraft } from '../drafts.ts';
import { useLive, useSignedIn } from '../hooks.ts';
import type { OutcomeText } from '../parts/outcome.tsx';
import { percent, plural } from '../words/format.ts';
import { readWeight } from '../words/weight-input.ts';
import { whyNotApply } from '../words/why-not.ts';

/** What is being decided, and on what state of the route: a change of somebody else's makes it a new decision. */
export type WeightDraft = { typed: string; reason: string; basis: { revision: number; weight: number } };

/** An answer tells of a change before the event does, which comes at most so much later. */
const EVENTS_LATE_MS = 2500;

/** In percent; the old side serves nobody then, so it takes a second word. */
const EVERYBODY = 100;

/** What an answer or an event tells of a route. */
type Known = Pick<RouteView, 'revision' | 'weight' | 'changed_by' | 'changed_at' | 'reason'>;

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

/** The latest that is known of a route, be it from an event or from an answer that was quicker. */
function useNewest(route: RouteView): [Known, (known: Known) => void] {
  const { receivedAt = 0 } = useLive();
  const [told, setTold] = useState<Known & { learntAt: number }>();
  const isAhead = told && told.revision > route.revision && receivedAt < told.learntAt + EVENTS_LATE_MS;
  return [isAhead ? told : route, (known) => setTold({ ...known, learntAt: Date.now() })];
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
      if (error instanceof RefusedError && error.problem.status === 412) {
        learn(await client.route(route.route).catch(() => unknownChange(newest, error)));
      }
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

/** All that a 412 tells, for when more cannot be learnt. */
function unknownChange(before: Known, { problem }: RefusedError): Known {
  return {
    revision: problem.currentRevision ?? before.revision + 1,
    weight: problem.currentWeight ?? before.weight,
    changed_by: null,
    changed_at: null,
    reason: null,
  };
}

function doneText({ before, weight, acknowledged }: ChangedRoute): OutcomeText {
  const { serving, replicas } = acknowledged;
  const missing = replicas - serving;
  const where =
    missing === 0
      ? `${serving} of ${plural(replicas, 'edge')} ${serving === 1 ? 'serves' : 'serve'} it.`
      : `Only ${serving} of ${plural(replicas, 'edge')} ${serving === 1 ? 'serves' : 'serve'} it so far: see Edges below.`;
  return { kind: 'done', text: `In force: ${percent(before.weight)} → ${percent(weight)}. ${where}` };
}

function failedText(error: unknown): OutcomeText {
  if (error instanceof NoAnswerError) {
    const text =
      'No answer came, so it is not known whether the change was taken. Look at what is set before you try again.';
    return { kind: 'problem', text };
  }
  const isUnconfirmed = error instanceof RefusedError && error.problem.type === 'store-unavailable';
  return { kind: 'problem', text: isUnconfirmed ? explain(error) : `Nothing was changed. ${explain(error)}` };
}
