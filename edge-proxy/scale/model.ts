import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';

/** What is decided and not measured. */
export const ASSUMED = {
  /** Of a core, so that a burst or a lost machine finds room. */
  busyShare: 0.6,
  /** Requests that a person's connection to Nginx carries before it ends. */
  requestsPerConnection: 10,
  /** Between two workouts of a person, and the life of a token. */
  secondsBetweenWorkouts: 60,
  tokenSeconds: 3600,
  /** Twice a second while a route ramps (`JUDGE_EVERY_MS`). */
  looksPerSecond: 2,
  /** Of each coach (`CATALOGUE_FRESH_MS`). */
  catalogueEveryMs: 30_000,
  /** Connections of one monolith to PostgreSQL, and PostgreSQL's own default for all of them together (`max_connections`). */
  connectionsPerMonolith: 20,
  postgresConnections: 100,
  /** A large machine for one database. */
  postgresCores: 16,
} as const;

/** Of Redis while one route ramps; shares of its one thread, which cannot be over 1. */
export type StoreNeeds = { busy: number; bytesPerSecond: number };

/** What requests of so many a second need, all of them workouts that the coach makes. Cores are busy to `busyShare`. */
export type Needs = {
  perSecond: number;
  edges: number;
  nginxCores: number;
  coaches: number;
  monoliths: number;
  /** Of the monoliths, on whatever threads: a login a person and life of a token. */
  loginCores: number;
  postgresCores: number;
  postgresConnections: number;
  store: StoreNeeds;
  storeIfOneLooks: StoreNeeds;
  /** Share of an edge's core that goes into looking. */
  lookShare: number;
  catalogueCallsPerSecond: number;
  logBytesPerSecond: number;
  series: number;
};

export function needsOf(perSecond: number, measured: Measured): Needs {
  const of = (name: string) => valueOf(measured, name);
  const cores = (micros: number) => (perSecond * micros) / 1_000_000 / ASSUMED.busyShare;
  const edges = Math.ceil(cores(of('edgeMicros')));
  const coaches = Math.ceil(cores(of('coachMicros')));
  const monoliths = Math.ceil(cores(of('historyMicros') * of('historyCallsPerWorkout')));
  const perConnection = of('nginxHandshakeMicros') / ASSUMED.requestsPerConnection;
  return {
    perSecond,
    edges,
    nginxCores: cores(of('nginxProxyMicros') + of('nginxTlsKeptMicros') + perConnection),
    coaches,
    monoliths,
    loginCores: cores((of('loginMicros') * ASSUMED.secondsBetweenWorkouts) / ASSUMED.tokenSeconds),
    postgresCores: cores(of('historyPostgresMicros')),
    postgresConnections: monoliths * ASSUMED.connectionsPerMonolith,
    store: storeNeeds({ edges, lookers: edges }, measured),
    storeIfOneLooks: storeNeeds({ edges, lookers: 1 }, measured),
    lookShare: (ASSUMED.looksPerSecond * lookMicros(edges, measured)) / 1_000_000,
    catalogueCallsPerSecond: (coaches * 1000) / ASSUMED.catalogueEveryMs,
    logBytesPerSecond: perSecond * of('edgeLogBytes'),
    series: edges * of('edgeSeries'),
  };
}

/** Of edges that report what they saw, and of those among them that look at what all of them saw. */
export function storeNeeds({ edges, lookers }: { edges: number; lookers: number }, measured: Measured): StoreNeeds {
  const of = (name: string) => valueOf(measured, name);
  const { looksPerSecond } = ASSUMED;
  const each = of('redisCpuMicrosRest6') + looksPerSecond * of('redisPutMicros');
  const looks = looksPerSecond * lookers * edges;
  return {
    busy: (edges * each + looks * redisLookMicros(measured)) / 1_000_000,
    bytesPerSecond: edges * of('redisOutBytesRest6') + looks * of('fullEvidenceBytes'),
  };
}

/** What Redis' thread takes to hand out the report of one edge. */
export function redisLookMicros(measured: Measured): number {
  return valueOf(measured, 'redisLookMicrosOf100') / 100;
}

/** What a look takes of the edge that looks: between fleets that were measured, in proportion. */
export function lookMicros(edges: number, measured: Measured): number {
  const points = [10, 100, 1000].map((at) => ({ at, micros: valueOf(measured, `lookMicrosOf${at}`) }));
  const [above = points.at(-1)!] = points.filter(({ at }) => at >= edges);
  return (above.micros * edges) / above.at;
}

/** How many edges there may be until something is full. Found by halving: what is asked grows with their number. */
export function mostEdges(isEnough: (edges: number) => boolean): number {
  let [enough, tooMany] = [1, 1_000_000];
  while (tooMany - enough > 1) {
    const between = Math.floor((enough + tooMany) / 2);
    if (isEnough(between)) enough = between;
    else tooMany = between;
  }
  return enough;
}

/** Something that is full at so many workouts a second, with the cores of everything else added as they are needed. */
export type Wall = { perSecond: number; what: string; next: string };

/** In the order in which they are met. */
export function wallsOf(measured: Measured): Wall[] {
  const of = (name: string) => valueOf(measured, name);
  const perCore = (name: string) => 1_000_000 / of(name);
  const history = perCore('historyMicros') / of('historyCallsPerWorkout');
  const ofEdges = (edges: number) => edges * ASSUMED.busyShare * perCore('edgeMicros');
  const storeIsEnough = (edges: number) => storeNeeds({ edges, lookers: edges }, measured).busy < 1;
  const oneLooks = (edges: number) => storeNeeds({ edges, lookers: 1 }, measured).busy < 1;
  const looksInTime = (edges: number) => ASSUMED.looksPerSecond * lookMicros(edges, measured) < 1_000_000;
  const monoliths = ASSUMED.postgresConnections / ASSUMED.connectionsPerMonolith;
  const walls: Wall[] = [
    {
      perSecond: history,
      what: 'the one thread of one monolith: each workout asks it for a history',
      next: 'more monoliths on one PostgreSQL; on PGlite there can be only one',
    },
    {
      perSecond: monoliths * history,
      what: `connections of PostgreSQL: ${monoliths} monoliths with ${ASSUMED.connectionsPerMonolith} each are its default`,
      next: 'a larger `max_connections`, a pooler, or history by event',
    },
    {
      perSecond: ASSUMED.postgresCores * perCore('historyPostgresMicros'),
      what: `${ASSUMED.postgresCores} cores of PostgreSQL: a statement a workout`,
      next: 'replicas that only read, or history by event',
    },
    {
      perSecond: ofEdges(mostEdges(storeIsEnough)),
      what: `the thread of Redis while a route ramps: ${mostEdges(storeIsEnough)} edges that look at each other twice a second`,
      next: 'the edge that leads looks alone, or weights by region',
    },
    {
      perSecond: ofEdges(mostEdges(looksInTime)),
      what: `an edge's own look takes all of its core: ${mostEdges(looksInTime)} edges`,
      next: 'the same',
    },
    {
      perSecond: ofEdges(mostEdges(oneLooks)),
      what: `the thread of Redis though one edge looks alone: ${mostEdges(oneLooks)} edges`,
      next: 'weights by region',
    },
  ];
  return walls.toSorted((one, other) => one.perSecond - other.perSecond);
}
