import { markdownTable } from '../../scripts/markdown-table.ts';
import { bytes, count, percent, rate, share } from './figures.ts';
import { mostCarried, mostEdges, storeNeeds } from './fleet.ts';
import type { Fleet, Looking, StoreNeeds } from './fleet.ts';
import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { ASSUMED, needsOf } from './model.ts';
import { wallsOf } from './walls.ts';

const RATES = [1000, 100_000, 1_000_000] as const;
const [, , MILLION] = RATES;
const NOTHING = '–';

export function assumedText(): string {
  const { busyShare, requestsPerConnection, secondsBetweenWorkouts, tokenSeconds } = ASSUMED;
  return [
    `- cores are busy to ${percent(busyShare)}`,
    `- a connection to Nginx carries ${requestsPerConnection} requests`,
    `- a person asks every ${secondsBetweenWorkouts} s, and logs in every ${tokenSeconds} s, as long as a token lives`,
    '- one route ramps, and every edge has met as many people as it tells apart',
  ].join('\n');
}

export function needsTable(measured: Measured): string {
  const needs = RATES.map((perSecond) => needsOf(perSecond, measured));
  const row = (what: string, of: (each: (typeof needs)[number]) => string) => [what, ...needs.map(of)];
  const ofFleet = (of: (fleet: Fleet) => string) => (each: (typeof needs)[number]) => ofSome(each.fleet, of);
  const ofOneLooking = (of: (fleet: Fleet) => string) => (each: (typeof needs)[number]) =>
    ofSome(each.fleetOfOneLooking, of);
  return markdownTable([
    ['workouts a second', ...RATES.map((perSecond) => perSecond.toLocaleString('en'))],
    row('cores of Nginx, TLS included', (each) => count(Math.ceil(each.nginxCores))),
    row('edges, one core each, a route ramps', (each) => edgesOr(each.fleet, 'all', measured)),
    row(
      'core of each: requests, looks',
      ofFleet((each) => `${share(each.requestShare)}, ${share(each.lookShare)}`),
    ),
    row(
      'thread of Redis',
      ofFleet(({ store }) => threadOf(store)),
    ),
    row('Redis sends', ofFleet(sentBy)),
    row('edges if one of them only looks, and no other one', (each) =>
      edgesOr(each.fleetOfOneLooking, 'one', measured),
    ),
    row(
      'core of that one: looks',
      ofOneLooking((each) => share(each.lookShare)),
    ),
    row(
      'core of each other one: requests',
      ofOneLooking((each) => share(each.requestShare)),
    ),
    row(
      'thread of Redis then',
      ofOneLooking(({ store }) => threadOf(store)),
    ),
    row('Redis sends then', ofOneLooking(sentBy)),
    row('coaches, one core each', (each) => count(each.coaches)),
    row('monoliths, one core each, for histories alone', (each) => count(each.monoliths)),
    row('cores for logins', (each) => count(Math.ceil(each.loginCores))),
    row('connections to PostgreSQL', (each) => count(each.postgresConnections)),
    row('cores of PostgreSQL', (each) => count(Math.ceil(each.postgresCores))),
    row('calls a second for the catalogue', (each) => count(each.catalogueCallsPerSecond)),
    row('request log of the edges', (each) => rate(each.logBytesPerSecond)),
    row('series of that many edges in Prometheus', ({ fleet, fleetOfOneLooking }) =>
      ofSome(fleet ?? fleetOfOneLooking, ({ edges }) => count(edges * valueOf(measured, 'edgeSeries'))),
    ),
  ]);
}

function ofSome(fleet: Fleet | undefined, of: (fleet: Fleet) => string): string {
  return fleet ? of(fleet) : NOTHING;
}

function edgesOr(fleet: Fleet | undefined, looking: Looking, measured: Measured): string {
  if (fleet) return count(fleet.edges);
  const { perSecond, edges } = mostCarried(looking, { measured, busyShare: ASSUMED.busyShare });
  return `cannot be: ${count(perSecond)} at most, by ${count(edges)} edges`;
}

/** A thread is one core: what needs more of it cannot be. */
function threadOf({ busy }: StoreNeeds): string {
  return busy > 1 ? `cannot be: ${count(busy)} threads` : share(busy);
}

function sentBy({ store }: Fleet): string {
  return store.busy > 1 ? NOTHING : rate(store.bytesPerSecond);
}

export function wallsTable(measured: Measured): string {
  const rows = wallsOf(measured).map(({ perSecond, what, next }, at) => [`${at + 1}`, count(perSecond), what, next]);
  return markdownTable([['', 'workouts a second', 'what is full', 'what is next'], ...rows]);
}

export function changesTable(measured: Measured): string {
  return markdownTable([
    ['what changes', `today, at ${MILLION.toLocaleString('en')} workouts a second`, 'then'],
    historyByEvent(measured),
    oneLooks(measured),
    weightsByRegion(measured),
    cataloguePushed(measured),
  ]);
}

function historyByEvent(measured: Measured): string[] {
  const { monoliths, postgresCores } = needsOf(MILLION, measured);
  return [
    'history by event',
    `${count(monoliths)} monoliths and ${count(Math.ceil(postgresCores))} cores of PostgreSQL answer what somebody did yesterday`,
    `a coach keeps a million people in ${bytes(1_000_000 * valueOf(measured, 'keptPersonBytes'))}; what the monolith then does grows with workouts that are logged, not with those that are asked for`,
  ];
}

function oneLooks(measured: Measured): string[] {
  const { fleet, fleetOfOneLooking } = needsOf(MILLION, measured);
  const today = fleet
    ? `${count(fleet.edges)} edges look; the thread of Redis for it: ${threadOf(fleet.store)}`
    : `cannot be: edges that all look carry ${count(mostCarried('all', { measured, busyShare: ASSUMED.busyShare }).perSecond)} at most`;
  const then = fleetOfOneLooking
    ? `${count(fleetOfOneLooking.edges)} edges; the core of the one that looks is busy to ${share(fleetOfOneLooking.lookShare)}; the thread of Redis: ${threadOf(fleetOfOneLooking.store)}; the others show the verdict of that one`
    : `cannot be either: ${count(mostCarried('one', { measured, busyShare: ASSUMED.busyShare }).perSecond)} at most`;
  return ['one edge looks and does nothing else', today, then];
}

function weightsByRegion(measured: Measured): string[] {
  const { busyShare } = ASSUMED;
  const upTo = mostEdges((edges) => storeNeeds({ edges, lookers: edges }, measured).busy <= busyShare);
  const region = mostCarried('all', { measured, busyShare, upTo });
  return [
    'weights by region',
    'one Redis for all edges',
    `${count(Math.ceil(MILLION / region.perSecond))} regions with at most ${count(region.perSecond)} workouts a second and ${count(region.edges)} edges each, its own Redis and its own leader; all edges look, as today`,
  ];
}

function cataloguePushed(measured: Measured): string[] {
  const { coaches, catalogueCallsPerSecond: pulls } = needsOf(MILLION, measured);
  const seconds = ASSUMED.catalogueEveryMs / 1000;
  const busy = (pulls * valueOf(measured, 'catalogueUnchangedMicros')) / 1_000_000;
  return [
    'catalogue pushed',
    `${count(coaches)} coaches ask ${count(pulls)} times a second: ${share(busy)} of a monolith's core; when it has changed, ${rate(pulls * valueOf(measured, 'catalogueBytes'))} for ${seconds} s`,
    `known in milliseconds rather than within ${seconds} s; no wall falls by it`,
  ];
}
