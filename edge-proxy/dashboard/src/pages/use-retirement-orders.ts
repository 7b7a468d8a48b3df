import type { RetirementView, RouteView } from '@fit/edge-proxy/admin-api/schemas';
import { useSignedIn } from '../hooks.ts';
import type { Order } from '../parts/use-orders.ts';
import { plural } from '../words/format.ts';
import { servedInWords } from '../words/outcome-words.ts';
import { drillInWords } from '../words/retirement-words.ts';

const EVERYBODY = 100;

/** Taking the way back away, giving it back, and trying it. @param retirement undefined while it is not known */
export function useRetirementOrders(route: RouteView, retirement: RetirementView | undefined): Order[] {
  const { client } = useSignedIn();
  const { old } = route.sides;
  return [
    {
      name: 'retire',
      label: 'Retire',
      confirm: 'Take the way back away',
      look: 'danger',
      question: retireQuestion(route, retirement),
      isPossible: route.weight === EVERYBODY && !route.retired,
      followsRevision: true,
      send: async ({ reason, revision }) => {
        const { acknowledged } = await client.retire(route.route, revision, { reason });
        return `Retired: there is no way back to ${old}. ${servedInWords(acknowledged)}`;
      },
    },
    {
      name: 'unretire',
      label: 'Unretire',
      confirm: 'Give the way back again',
      look: 'primary',
      question: `${old} answers again whenever ${route.sides.new} fails, so its code has to be there and to work.`,
      isPossible: route.retired,
      followsRevision: true,
      send: async ({ reason, revision }) => {
        const { acknowledged } = await client.unretire(route.route, revision, { reason });
        return `There is a way back to ${old} again. ${servedInWords(acknowledged)}`;
      },
    },
    {
      name: 'drill',
      label: 'Drill a rollback',
      confirm: 'Drill it now',
      look: 'plain',
      question: `This is no rehearsal: everybody goes to ${old} for a moment, and comes back as soon as every edge has said so.`,
      isPossible: route.weight > 0 && !route.retired,
      send: async ({ reason }) => drillInWords(await client.drill(route.route, { reason })),
    },
  ];
}

function retireQuestion({ sides }: RouteView, retirement: RetirementView | undefined): string {
  const unmet = retirement?.conditions.filter(({ met }) => !met).length ?? 0;
  const warning = unmet === 0 ? '' : ` ${plural(unmet, 'condition')} ${unmet === 1 ? 'is' : 'are'} not met!`;
  return `${sides.old} answers nobody from then on: where ${sides.new} fails, people get an error.${warning}`;
}
