import type { ConfiguredRoute } from '../control-plane/configured-route.ts';
import type { RouteControl } from '../control-plane/route-control.ts';
import type { RouteState } from '../domain/route-state.ts';
import { cutOff, hashOf, sideOf } from '../domain/split.ts';
import { EVERYBODY, weightToPercent } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';
import type { Cohort, Preview } from './schemas.ts';

/** On which side a weight puts a user. */
export function cohortView(route: ConfiguredRoute, user: string, weight: Weight): Cohort {
  const side = sideOf(route.name, user, weight);
  return {
    route: route.name,
    user,
    key: { from: route.key.from, name: route.key.name },
    weight: weightToPercent(weight),
    side,
    upstream: route.sides[side],
    new_from: weightToPercent(firstNewWeight(route.name, user)),
  };
}

/** The lowest weight at which a user is on the new side: 0.01 to 100 %. */
export function firstNewWeight(route: string, user: string): Weight {
  const hash = hashOf(route, user);
  let [tooLow, enough] = [0, EVERYBODY as number];
  while (enough - tooLow > 1) {
    const middle = Math.floor((tooLow + enough) / 2);
    if (hash < cutOff(middle as Weight)) enough = middle;
    else tooLow = middle;
  }
  return enough as Weight;
}

/** Whom a change would move. */
export function previewView(state: RouteState, after: Weight, control: Pick<RouteControl, 'usersBetween'>): Preview {
  const { route, revision, weight: before } = state;
  const { seen, moving } = control.usersBetween(route, before, after);
  return {
    route,
    revision,
    before: weightToPercent(before),
    after: weightToPercent(after),
    to: sideThatGains(before, after),
    share_moving: weightToPercent(Math.abs(after - before) as Weight),
    users_seen: Math.round(seen),
    users_moving: Math.round(moving),
  };
}

function sideThatGains(before: Weight, after: Weight): Preview['to'] {
  if (after === before) return null;
  return after > before ? 'new' : 'old';
}
