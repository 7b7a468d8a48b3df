import { valueOf } from './measured.ts';
import type { Measured } from './measured.ts';

/** Of Redis while one route ramps. */
export type StoreNeeds = {
  /** Share of its one thread: over 1 cannot be. */
  busy: number;
  bytesPerSecond: number;
};

/** Who looks at what all edges saw while a route ramps: every edge, as built, or one that serves nobody besides. */
export type Looking = 'all' | 'one';

export type Fleet = {
  /** With the one that only looks. */
  edges: number;
  /** Shares of a core: of an edge that serves, and of one that looks. Where all look, each edge needs both of its one core. */
  requestShare: number;
  lookShare: number;
  store: StoreNeeds;
};

/** Twice a second while a route ramps (`JUDGE_EVERY_MS`). */
export const LOOKS_PER_SECOND = 2;

/**
 * The fewest edges that carry so many requests a second, no core busier than `busyShare`. Undefined if no number of them does:
 * with fewer each has too many requests, with more each look is too long.
 */
export function fleetOf(
  perSecond: number,
  looking: Looking,
  { measured, busyShare }: { measured: Measured; busyShare: number },
): Fleet | undefined {
  const most = mostLookedAt(busyShare, measured);
  let edges = Math.ceil((perSecond * coreSeconds(measured)) / busyShare);
  while (edges <= most && carried(edges, looking, { measured, busyShare }) < perSecond) edges++;
  if (edges > most) return undefined;
  const serving = looking === 'all' ? edges : edges - 1;
  return {
    edges,
    requestShare: (perSecond * coreSeconds(measured)) / serving,
    lookShare: lookShare(edges, measured),
    store: storeNeeds({ edges, lookers: looking === 'all' ? edges : 1 }, measured),
  };
}

export type Most = { perSecond: number; edges: number };

/** The most requests a second that any number of edges up to `upTo` carries, no core busier than `busyShare`. */
export function mostCarried(
  looking: Looking,
  { measured, busyShare, upTo = Infinity }: { measured: Measured; busyShare: number; upTo?: number },
): Most {
  const last = Math.min(upTo, mostLookedAt(busyShare, measured));
  let most: Most = { perSecond: 0, edges: 0 };
  for (let edges = 1; edges <= last; edges++) {
    const perSecond = carried(edges, looking, { measured, busyShare });
    if (perSecond > most.perSecond) most = { perSecond, edges };
  }
  return most;
}

/** Requests a second of so many edges, no core busier than `busyShare`. */
function carried(
  edges: number,
  looking: Looking,
  { measured, busyShare }: { measured: Measured; busyShare: number },
): number {
  const left = busyShare - lookShare(edges, measured);
  if (left < 0) return 0;
  return (looking === 'all' ? edges * left : (edges - 1) * busyShare) / coreSeconds(measured);
}

/** How many edges one of them can look at. */
export function mostLookedAt(busyShare: number, measured: Measured): number {
  return mostEdges((edges) => lookShare(edges, measured) <= busyShare);
}

/** Of the core of an edge that looks at so many, itself among them. */
export function lookShare(edges: number, measured: Measured): number {
  return (LOOKS_PER_SECOND * lookMicros(edges, measured)) / 1_000_000;
}

/** What a look takes of the edge that looks: on straight lines between the fleets that were measured, beyond them in proportion. */
export function lookMicros(edges: number, measured: Measured): number {
  const of = (at: number) => valueOf(measured, `lookMicrosOf${at}`);
  if (edges <= 10) return (of(10) * edges) / 10;
  if (edges >= 1000) return (of(1000) * edges) / 1000;
  const [less, more] = edges <= 100 ? [10, 100] : [100, 1000];
  return of(less) + ((of(more) - of(less)) * (edges - less)) / (more - less);
}

/** Of edges that report what they saw, and of those among them that look at what all of them saw. */
export function storeNeeds({ edges, lookers }: { edges: number; lookers: number }, measured: Measured): StoreNeeds {
  const of = (name: string) => valueOf(measured, name);
  const each = of('redisCpuMicrosRest6') + LOOKS_PER_SECOND * of('redisPutMicros');
  const looks = LOOKS_PER_SECOND * lookers * edges;
  return {
    busy: (edges * each + looks * redisLookMicros(measured)) / 1_000_000,
    bytesPerSecond: edges * of('redisOutBytesRest6') + looks * of('fullEvidenceBytes'),
  };
}

/** What Redis' thread takes to hand out the report of one edge. */
export function redisLookMicros(measured: Measured): number {
  return valueOf(measured, 'redisLookMicrosOf100') / 100;
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

function coreSeconds(measured: Measured): number {
  return valueOf(measured, 'edgeMicros') / 1_000_000;
}
