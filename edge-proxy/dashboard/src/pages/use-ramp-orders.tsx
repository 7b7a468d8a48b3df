import type { ChangedRoute, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { forgetDraft, useDraft } from '../drafts.ts';
import { useSignedIn } from '../hooks.ts';
import type { AdminClient, RampOrder } from '../api/admin-client.ts';
import type { Order } from '../parts/use-orders.ts';
import { percent } from '../words/format.ts';
import { servedInWords } from '../words/outcome-words.ts';
import { isPossible, isUnderWay, promotedWeight, rampInShort } from '../words/ramp-words.ts';
import { PlanFields } from './plan-fields.tsx';
import type { PlanDraft } from './plan-fields.tsx';

const EVERYBODY = 100;

/** All that can be ordered of a route's ramp; rolling back has a button of its own. */
export function useRampOrders(route: RouteView): Order[] {
  const { client } = useSignedIn();
  const steer = (name: RampOrder, members: Pick<Order, 'label' | 'look' | 'question'>): Order => ({
    ...members,
    name,
    confirm: members.label,
    isPossible: isPossible(name, route.ramp),
    send: async ({ reason }) => doneText(await client.steerRamp(route.route, name, { reason })),
  });
  return [
    useStart(route),
    steer('resume', { label: 'Resume', look: 'primary', question: resumeQuestion(route) }),
    promote(route, client),
    steer('pause', {
      label: 'Pause',
      look: 'plain',
      question: 'It stays at its step until it is resumed. It is still judged: a gate that fails still counts.',
    }),
    steer('freeze', {
      label: 'Freeze',
      look: 'plain',
      question: `It stays at ${percent(route.weight)}, and nothing that its gates say has an effect until it is resumed.`,
    }),
  ];
}

/** Follows the step that was seen: of two who promote it at once one is told of the other. */
function promote(route: RouteView, client: AdminClient): Order {
  const { label, question } = promotion(route);
  return {
    name: 'promote',
    label,
    confirm: label,
    look: route.ramp?.phase === 'waiting' ? 'primary' : 'plain',
    question,
    isPossible: isPossible('promote', route.ramp),
    followsRevision: true,
    send: async ({ reason, revision }) => doneText(await client.promoteRamp(route.route, revision, { reason })),
  };
}

function useStart(route: RouteView): Order {
  const { client } = useSignedIn();
  const name = `ramp plan ${route.route}`;
  const initial: PlanDraft = { isOwn: false, steps: route.ramp?.plan.steps ?? '', onFail: 'rollback' };
  const [plan, setPlan] = useDraft(name, initial);
  return {
    name: 'start',
    label: 'Start a ramp',
    confirm: 'Start it',
    look: 'primary',
    question: `From ${percent(route.weight)} upwards: it goes from step to step by itself once its gates pass.`,
    fields: <PlanFields draft={plan} onChange={setPlan} />,
    isPossible: !isUnderWay(route.ramp) && !route.retired,
    problem: plan.isOwn && plan.steps.trim() === '' ? 'Type the steps first.' : undefined,
    followsRevision: true,
    send: async ({ reason, revision }) => {
      const own = plan.isOwn && { plan: { steps: plan.steps.trim(), onFail: plan.onFail } };
      const changed = await client.startRamp(route.route, revision, { reason, ...own });
      forgetDraft(name);
      return doneText(changed);
    },
  };
}

function resumeQuestion({ ramp, weight }: RouteView): string {
  return ramp?.phase === 'frozen'
    ? `It goes on from ${percent(weight)}, and is judged anew from now on.`
    : `It goes on from ${percent(weight)}.`;
}

function promotion({ ramp, sides }: RouteView): Pick<Order, 'label' | 'question'> {
  const weight = ramp ? promotedWeight(ramp) : undefined;
  if (weight === undefined) {
    return { label: 'Complete', question: 'It was the last step: the ramp completes now, whatever its gates say.' };
  }
  const everybody = weight === EVERYBODY ? ` ${sides.old} then serves nobody on this route.` : '';
  return {
    label: `Promote to ${percent(weight)}`,
    question: `It goes on to ${percent(weight)} at once, baked or not, whatever its gates say.${everybody}`,
  };
}

function doneText({ ramp, weight, acknowledged }: ChangedRoute): string {
  return `${ramp ? `Ramp: ${rampInShort(ramp)}` : percent(weight)}. ${servedInWords(acknowledged)}`;
}
