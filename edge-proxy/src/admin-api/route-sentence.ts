import type { StoreStatus } from '../control-plane/route-control.ts';
import type { Epoch } from '../domain/route-state.ts';
import type { RampView, RouteView, SideTraffic, Traffic } from './schemas.ts';

export type RouteFacts = {
  view: Omit<RouteView, 'sentence'>;
  /** The newest sample. */
  traffic: Traffic | undefined;
  /** Edges that do not serve the revision, as far as is known. */
  behind: readonly EdgeBehind[];
  /** Since when the weight is what it is, and which change brought it. */
  epoch: Epoch;
  store: StoreStatus;
  /** Edges on which the old side answers so many errors that nothing falls back to it. */
  edgesWithoutFallback: number;
  now: Date;
};

/** `silentSeconds`: since it was last heard of; undefined if it reports. */
export type EdgeBehind = { id: string; revision: number | undefined; silentSeconds: number | undefined };

/** So many edges are named; the others are counted. */
const NAMED_EDGES = 3;

/**
 * A route in plain English, for somebody under stress: first what is wrong, the worst of it first, then what is set and who
 * serves it, then what it does.
 */
export function routeSentence(facts: RouteFacts): string {
  const sentences = [
    rollbackIsHereOnly(facts),
    storeIsDown(facts),
    newSideFails(facts),
    oldSideFails(facts),
    nothingFallsBack(facts),
    edgesAreBehind(facts),
    rampNeedsSomebody(facts),
    whatIsSet(facts),
    lastChange(facts),
    everyEdgeServesIt(facts),
    thereIsNoWayBack(facts),
    rampGoesOn(facts),
    whatIsMirrored(facts),
    whatItDoes(facts),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

function rollbackIsHereOnly({ view }: RouteFacts): string | undefined {
  if (view.stored) return undefined;
  return (
    'The rollback is in force on this edge only, as the store is out of reach: ' +
    'other edges may still be where they were; roll back on each of them.'
  );
}

function storeIsDown({ store, now }: RouteFacts): string | undefined {
  if (store.reachable) return undefined;
  return (
    `The ${store.kind} store has been out of reach since ${time(new Date(store.since), now)}: ` +
    'weights stay as they are, and nothing but a rollback is possible.'
  );
}

function newSideFails({ view }: RouteFacts): string | undefined {
  const { upstream, state, failing_on: failingOn } = view.health.new;
  if (state === 'healthy') return undefined;
  const where = onEdges(failingOn, view);
  const rescue = view.retired ? 'its users get errors' : `${view.sides.old} answers for it where it can`;
  return state === 'failing'
    ? `${upstream} is failing${where}: ${rescue}.`
    : `${upstream} was failing${where} and is being tried again.`;
}

function oldSideFails({ view }: RouteFacts): string | undefined {
  const { upstream, state, failing_on: failingOn } = view.health.old;
  if (state === 'healthy' || view.retired) return undefined;
  const where = onEdges(failingOn, view);
  return state === 'failing'
    ? `${upstream} cannot be reached${where}: its users get errors, and nothing can fall back to it.`
    : `${upstream} could not be reached${where} and is being tried again.`;
}

function nothingFallsBack({ view, edgesWithoutFallback }: RouteFacts): string | undefined {
  if (edgesWithoutFallback === 0 || view.health.old.state === 'failing' || view.retired) return undefined;
  const where = onEdges(edgesWithoutFallback, view);
  return `${view.sides.old} answers many errors${where}: nothing falls back to it there.`;
}

function edgesAreBehind({ view, behind }: RouteFacts): string | undefined {
  if (behind.length === 0) return undefined;
  const { serving, replicas } = view.acknowledged;
  const named = behind.slice(0, NAMED_EDGES).map(edgeBehind);
  const more = behind.length > NAMED_EDGES ? [`${number(behind.length - NAMED_EDGES)} more`] : [];
  const count = serving === 0 ? `None of ${number(replicas)} edges serves` : `Only ${servedBy(serving, replicas)}`;
  return `${count} this weight: ${[...named, ...more].join('; ')}.`;
}

function servedBy(serving: number, replicas: number): string {
  return `${number(serving)} of ${number(replicas)} edges ${serving === 1 ? 'serves' : 'serve'}`;
}

function edgeBehind({ id, revision, silentSeconds }: EdgeBehind): string {
  const serves = revision === undefined ? 'does not have the route' : `serves revision ${revision}`;
  if (silentSeconds === undefined) return `${id} ${serves}`;
  return `${id} was last heard of ${number(Math.round(silentSeconds))} s ago`;
}

/** A ramp that stays where it is until somebody decides, or that has ended badly. */
function rampNeedsSomebody({ view: { ramp, weight, sides } }: RouteFacts): string | undefined {
  if (!ramp) return undefined;
  switch (ramp.phase) {
    case 'frozen':
      return `The ramp is frozen at ${stepOf(ramp)}: it is not judged until somebody resumes it, rolls back or sets a weight.`;
    case 'waiting':
      return `The ramp waits at ${stepOf(ramp)} for somebody to promote it.`;
    case 'rolled-back':
      return weight === 0 ? `The ramp was rolled back to ${sides.old} at ${stepOf(ramp)}.` : undefined;
    default:
      return undefined;
  }
}

function whatIsSet({ view, epoch, now }: RouteFacts): string {
  const { sides, weight, changed_by: by, revision, reason } = view;
  const share = weight === 0 || weight === 100 ? 'All users' : `${weight} % of users`;
  const placed = `${share} are on ${weight === 0 ? sides.old : sides.new}`;
  if (by === null) return `${placed}, as configured; nobody has changed it yet.`;
  const why = epoch.revision === revision ? ` (by ${by}: ${reason})` : '';
  return `${placed} since ${time(new Date(epoch.since), now)}${why}.`;
}

/** A change that left the weight as it was. */
function lastChange({ view, epoch, now }: RouteFacts): string | undefined {
  const { changed_by: by, changed_at: at, revision, reason } = view;
  if (by === null || at === null || epoch.revision === revision) return undefined;
  return `The last change was at ${time(new Date(at), now)} (by ${by}: ${reason}).`;
}

function thereIsNoWayBack({ view: { retired, sides } }: RouteFacts): string | undefined {
  return retired ? `The route is retired: ${sides.old} answers nothing, even where ${sides.new} fails.` : undefined;
}

function rampGoesOn({ view: { ramp }, now }: RouteFacts): string | undefined {
  if (!ramp) return undefined;
  switch (ramp.phase) {
    case 'running':
      return `The ramp is at ${stepOf(ramp)}${ramp.baked ? '' : `, until ${bakedAt(ramp, now)} at least`}.`;
    case 'paused':
      return `The ramp is paused at ${stepOf(ramp)}, and still judged.`;
    case 'completed':
      return 'The ramp has completed, and is still judged.';
    default:
      return undefined;
  }
}

function whatIsMirrored({ view: { mirror_share: share } }: RouteFacts): string | undefined {
  return share > 0 ? `${share} % of safe requests are mirrored to the other side.` : undefined;
}

function stepOf({ step, steps }: RampView): string {
  return `step ${step} of ${steps.length}`;
}

function bakedAt({ step, steps, step_since: since }: RampView, now: Date): string {
  return time(new Date(Date.parse(since) + (steps[step - 1]?.bake_seconds ?? 0) * 1000), now);
}

function everyEdgeServesIt({ view, behind, store }: RouteFacts): string | undefined {
  const { replicas } = view.acknowledged;
  if (behind.length > 0 || replicas === 0) return undefined;
  // Without the store nobody knows of the others.
  if (replicas === 1 && store.kind === 'redis' && !store.reachable) return undefined;
  if (replicas === 1) return 'The only edge serves it.';
  return `${replicas === 2 ? 'Both' : `All ${number(replicas)}`} edges serve it.`;
}

function whatItDoes({ view, traffic }: RouteFacts): string {
  const { window_seconds: seconds } = view.observed;
  const sides = (['new', 'old'] as const).map((side) => ({ name: view.sides[side], counts: traffic?.sides[side] }));
  const busy = sides.flatMap(({ name, counts }) => (counts && counts.requests > 0 ? [{ name, counts }] : []));
  if (busy.length === 0) return `There were no requests in the last ${seconds} s.`;
  const told = busy.map(({ name, counts }, index) => {
    const verb = index === 0 ? ' failed' : '';
    return `${name}${verb} ${failures(counts, index === 0)}`;
  });
  return `In the last ${seconds} s ${told.join(', ')}.`;
}

/** Requests that the other side saved have failed on this one all the same. */
function failures({ requests, failed, saved }: SideTraffic, isFirst: boolean): string {
  const unit = isFirst ? ` request${requests === 1 ? '' : 's'}` : '';
  const rescued = saved > 0 ? ` (${number(saved)} of them answered by the other side)` : '';
  return `${number(failed + saved)} of ${number(requests)}${unit}${rescued}`;
}

function onEdges(count: number, { acknowledged }: Pick<RouteView, 'acknowledged'>): string {
  if (acknowledged.replicas <= 1) return '';
  return ` on ${number(count)} of ${number(acknowledged.replicas)} edges`;
}

/** `03:12 UTC`, with its day if that is not today. */
function time(at: Date, now: Date): string {
  const [day, clock = ''] = at.toISOString().split('T');
  const isToday = now.toISOString().startsWith(`${day}T`);
  return `${isToday ? '' : `${day} `}${clock.slice(0, 5)} UTC`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
