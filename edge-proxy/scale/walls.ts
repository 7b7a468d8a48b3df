import { mostCarried, mostEdges, mostLookedAt, storeNeeds } from './fleet.ts';
import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { ASSUMED } from './model.ts';

/** Of whom a wall is. */
export type Part = 'monolith' | 'postgres' | 'redis' | 'edges';

/** Something that is full at so many workouts a second; all else has as much as it needs, its cores busy to `busyShare`. */
export type Wall = { part: Part; perSecond: number; what: string; next: string };

/** In the order in which they are met. */
export function wallsOf(measured: Measured): Wall[] {
  const walls = [...wallsOfHistory(measured), ...wallsOfLooking(measured)];
  return walls.toSorted((one, other) => one.perSecond - other.perSecond);
}

function wallsOfHistory(measured: Measured): Wall[] {
  const perCore = (name: string) => 1_000_000 / valueOf(measured, name);
  const history = perCore('historyMicros') / valueOf(measured, 'historyCallsPerWorkout');
  const monoliths = ASSUMED.postgresConnections / ASSUMED.connectionsPerMonolith;
  return [
    {
      part: 'monolith',
      perSecond: history,
      what: 'the one thread of one monolith: each workout asks it for a history',
      next: 'more monoliths on one PostgreSQL; on PGlite there can be only one',
    },
    {
      part: 'postgres',
      perSecond: monoliths * history,
      what: `connections of PostgreSQL: ${monoliths} monoliths with ${ASSUMED.connectionsPerMonolith} each are its default`,
      next: 'a larger `max_connections`, a pooler, or history by event',
    },
    {
      part: 'postgres',
      perSecond: ASSUMED.postgresCores * perCore('historyPostgresMicros'),
      what: `${ASSUMED.postgresCores} cores of PostgreSQL: a statement a workout`,
      next: 'replicas that only read, or history by event',
    },
  ];
}

/** Of edges while a route ramps. */
function wallsOfLooking(measured: Measured): Wall[] {
  const { busyShare } = ASSUMED;
  const storeOfAll = mostEdges((edges) => storeNeeds({ edges, lookers: edges }, measured).busy <= 1);
  const storeOfOne = mostEdges((edges) => storeNeeds({ edges, lookers: 1 }, measured).busy <= 1);
  const full = mostCarried('all', { measured, busyShare: 1 });
  const lookedAt = mostLookedAt(1, measured);
  const servedBy = (edges: number) => (edges * busyShare * 1_000_000) / valueOf(measured, 'edgeMicros');
  return [
    {
      part: 'redis',
      perSecond: mostCarried('all', { measured, busyShare, upTo: storeOfAll }).perSecond,
      what: `the thread of Redis while a route ramps: ${storeOfAll} edges that look at each other twice a second`,
      next: 'one edge that looks and does nothing else, or weights by region',
    },
    {
      part: 'edges',
      perSecond: full.perSecond,
      what: `every edge's own core, by requests and looks together: ${full.edges} edges; fewer have more requests each, more have longer looks`,
      next: 'one edge that looks and does nothing else, or weights by region',
    },
    {
      part: 'edges',
      perSecond: servedBy(lookedAt - 1),
      what: `the core of one edge that looks and does nothing else: ${lookedAt} edges`,
      next: 'weights by region',
    },
    {
      part: 'redis',
      perSecond: servedBy(storeOfOne - 1),
      what: `the thread of Redis though one edge looks alone: ${storeOfOne} edges`,
      next: 'weights by region',
    },
  ];
}
