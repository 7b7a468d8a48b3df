import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useDraft } from '../drafts.ts';
import { useLive, useSignedIn } from '../hooks.ts';
import { learnt, useNewest } from '../use-newest.ts';
import type { Basis, Known } from '../use-newest.ts';
import { failedText } from '../words/outcome-words.ts';
import { SAY_WHY, whyNotOrder } from '../words/why-not.ts';
import type { OutcomeText } from './outcome.tsx';

/** Something that an operator may order, with a reason. */
export type Order = {
  /** Unlike any other of its panel. */
  name: string;
  /** Of the button that asks for the reason. */
  label: string;
  /** Of the button that sends it. */
  confirm: string;
  look: 'primary' | 'danger' | 'plain';
  /** What it does, told before it is sent. */
  question: ComponentChildren;
  /** What has to be typed besides the reason. */
  fields?: ComponentChildren;
  /** Whether it goes with what the route does now. */
  isPossible: boolean;
  /** Why what is typed will not do; undefined if it does. */
  problem?: string | undefined;
  /** Whether it is decided on a revision, and refused if that is not the current one any more. */
  followsRevision?: boolean;
  /** @returns what came of it, in words */
  send: (asked: { reason: string; revision: number }) => Promise<string>;
};

type OrderDraft = { order: string; reason: string; basis: Basis };

/** Which of some orders is being decided, and what came of the last one. */
export function useOrders(panel: string, route: RouteView, orders: readonly Order[]) {
  const { session } = useSignedIn();
  const { latest, connection } = useLive();
  const [newest, learn] = useNewest(route);
  const [draft, setDraft] = useDraft<OrderDraft | undefined>(`${panel} ${route.route}`, undefined);
  const { send, isBusy, outcome, clearOutcome } = useSending(route, { newest, learn });
  const chosen = draft && orders.find(({ name }) => name === draft.order);
  const blocked = whyNotOrder(session, connection.kind === 'live' ? latest?.store.state : undefined);
  const hasConflict = chosen?.followsRevision === true && !isBusy && draft?.basis.revision !== newest.revision;
  const whyNot = chosen && draft ? whyNotSend({ order: chosen, draft, blocked, isBusy, hasConflict }) : undefined;
  const basis = { revision: newest.revision, weight: newest.weight };
  const decide = (next: OrderDraft | undefined) => {
    clearOutcome();
    setDraft(next);
  };
  return {
    chosen,
    draft,
    newest,
    /** Why nothing can be ordered at all. */
    blocked,
    hasConflict,
    whyNot,
    outcome,
    choose: (order: string) => decide({ order, reason: '', basis }),
    setReason: (reason: string) => draft && setDraft({ ...draft, reason }),
    decideAgain: () => draft && decide({ ...draft, basis }),
    drop: () => decide(undefined),
    submit: () => {
      if (chosen && draft && whyNot === undefined) void send(chosen, draft, () => setDraft(undefined));
    },
  };
}

function useSending(route: RouteView, { newest, learn }: { newest: Known; learn: (known: Known) => void }) {
  const { client } = useSignedIn();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<OutcomeText>();

  async function send(order: Order, { reason, basis }: OrderDraft, onDone: () => void): Promise<void> {
    setBusy(true);
    setOutcome(undefined);
    try {
      const text = await order.send({ reason: reason.trim(), revision: basis.revision });
      onDone();
      setOutcome({ kind: 'done', text });
    } catch (error) {
      const known = await learnt(error, { client, route: route.route, newest });
      if (known) learn(known);
      setOutcome(failedText(error));
    }
    setBusy(false);
  }

  return { send, isBusy, outcome, clearOutcome: () => setOutcome(undefined) };
}

type Decision = {
  order: Order;
  draft: OrderDraft;
  blocked: string | undefined;
  isBusy: boolean;
  hasConflict: boolean;
};

function whyNotSend({ order, draft, blocked, isBusy, hasConflict }: Decision): string | undefined {
  if (blocked !== undefined) return blocked;
  if (isBusy) return 'Under way …';
  if (!order.isPossible) return 'This does not go with what the route does by now.';
  if (hasConflict) return 'Somebody else changed it meanwhile: decide again first.';
  return order.problem ?? (draft.reason.trim() === '' ? SAY_WHY : undefined);
}
