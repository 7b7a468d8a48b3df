import { afterEach } from '@jest/globals';
import { MemoryStore } from '../../adapters/memory-store.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { sumOfParity } from '../../domain/sum-parity.ts';
import { initialState } from '../../domain/route-state.ts';
import { noTraffic } from '../../domain/traffic.ts';
import { NOBODY, revision, weightFromPercent } from '../../domain/weight.ts';
import { SnapshotHolder } from '../../snapshot.ts';
import type { ConfiguredRouting } from '../configured-route.ts';
import type { ControlEvents } from '../control-events.ts';
import { ControlPlane } from '../control-plane.ts';
import type { Notifier } from '../notifier.ts';
import type { Observed } from '../observed.ts';
import type { KeptRoutes, RouteKeeper } from '../kept-routes.ts';
import type { RestoreReport } from '../restore-state.ts';
import type { RouteControl } from '../route-control.ts';

const key = { from: 'claim', name: 'sub' } as const;
const terms = {
  objectiveMs: 5000,
  digest: 'as-configured',
  retire: { fullDays: 14, unusedDays: 7, maxDifferingPercent: 0.1, drilledDays: 90, directCalls: undefined },
};
const sides = { old: 'legacy', new: 'coach' };

export const ROUTING: ConfiguredRouting = {
  upstreams: [
    { name: 'legacy', url: 'http://127.0.0.1:3000' },
    { name: 'coach', url: 'http://127.0.0.1:3001' },
  ],
  defaultUpstream: 'legacy',
  internalPaths: ['/metrics'],
  routes: [
    { name: 'wod', path: '/fitness/wod', sides, key, initialWeight: weightFromPercent(5), ...terms },
    { name: 'history', path: '/fitness/history', sides, key, initialWeight: NOBODY, ...terms },
  ],
};

export const at = () => new Date('2026-03-01T03:00:00Z');

/** As `ROUTING` begins the route `wod`. */
export const BEGINNING = initialState('wod', weightFromPercent(5), at());

const NO_PARITY = sumOfParity([]);

/** A replica's disk: what is saved there outlives the replica. */
export class Disk implements RouteKeeper {
  kept: KeptRoutes = { storeId: undefined, states: new Map(), pending: [] };
  fault: unknown;

  async load(): Promise<KeptRoutes> {
    return this.kept;
  }

  async save(kept: KeptRoutes): Promise<void> {
    if (this.fault !== undefined) throw this.fault;
    this.kept = { ...kept, states: new Map(kept.states), pending: [...kept.pending] };
  }
}

/** What happened to a replica, in order: the event, the route, the weight in percent or why. */
export type Told = readonly [event: keyof ControlEvents, ...what: unknown[]];

export type Replica = AsyncDisposable & {
  incarnation: string;
  plane: ControlPlane;
  control: RouteControl;
  holder: SnapshotHolder;
  restored: RestoreReport;
  disk: Disk;
  store: MemoryStore;
  told: Told[];
  /** What it saw of the people of `wod`; set by a test. */
  sees: (evidence: Evidence | undefined) => void;
  /** To 10 % by default, with the revision that is in force here. */
  change: (percent?: number, expected?: number) => ReturnType<RouteControl['changeWeight']>;
  rollback: (reason?: string) => ReturnType<RouteControl['rollback']>;
  /** The weight of `wod` in force here, in percent, and its revision. */
  serves: () => { percent: number; revision: number };
};

export type ReplicaOptions = {
  id?: string;
  store?: MemoryStore;
  disk?: Disk;
  routing?: ConfiguredRouting;
  notifier?: Notifier;
  now?: () => Date;
  observed?: Partial<Observed>;
};

/** A control plane that is stepped by `plane.round()`; several on one memory (`store.another()`) are replicas. */
export async function startReplica(options: ReplicaOptions = {}): Promise<Replica> {
  const { id = 'edge-1', store = new MemoryStore(), disk = new Disk(), routing = ROUTING, now = at } = options;
  const holder = new SnapshotHolder();
  const told: Told[] = [];
  const incarnation = `${id}-${Math.random()}`;
  let evidence: Evidence | undefined;
  const observed: Observed = {
    trafficOf: noTraffic,
    upstreams: () => ({}),
    usersBetween: () => ({ seen: 0, moving: 0 }),
    evidenceOf: (route) => (route === 'wod' ? evidence : undefined),
    parityOf: () => NO_PARITY,
    checksContent: () => true,
    oldSideUseOf: () => ({}),
    countersOf: async (_upstream, _path, selectors) => selectors.map(() => undefined),
    ...options.observed,
  };
  const { plane, restored } = await ControlPlane.start(
    {
      store,
      keeper: disk,
      holder,
      replica: { id, incarnation, startedAt: at().toISOString() },
      observed,
      counts: store.counts,
      notifier: options.notifier,
      events: listenTo(told),
      now,
    },
    routing,
  );
  const { control } = plane;
  const who = { route: 'wod', changedBy: 'ops@fit.example' };
  return {
    incarnation,
    plane,
    control,
    holder,
    restored,
    disk,
    store,
    told,
    sees: (seen) => (evidence = seen),
    change: (percent = 10, expected = holder.current.get('wod')!.revision) =>
      control.changeWeight({
        ...who,
        weight: weightFromPercent(percent),
        expected: revision(expected),
        reason: `to ${percent} %`,
      }),
    rollback: (reason = 'p95 is up') => control.rollback({ ...who, reason }),
    serves: () => ({ percent: holder.weightOf('wod') / 100, revision: holder.current.get('wod')!.revision }),
    [Symbol.asyncDispose]: async () => {
      await plane.close();
      await store.close();
    },
  };
}

/** @returns what starts replicas that end with their test */
export function replicasOfEachTest(): (options?: ReplicaOptions) => Promise<Replica> {
  const started: Replica[] = [];
  afterEach(async () => {
    for (const replica of started.splice(0)) await replica[Symbol.asyncDispose]();
  });
  return async (options) => {
    const replica = await startReplica(options);
    started.push(replica);
    return replica;
  };
}

function listenTo(told: Told[]): ControlEvents {
  return {
    learned: ({ route, weight }) => void told.push(['learned', route, weight / 100]),
    storeLost: (cause) => void told.push(['storeLost', cause]),
    storeBack: () => void told.push(['storeBack']),
    otherStore: (ids) => void told.push(['otherStore', ids]),
    damaged: ({ route, why }) => void told.push(['damaged', route, why]),
    repaired: ({ route }, why) => void told.push(['repaired', route, why]),
    pending: ({ route }) => void told.push(['pending', route]),
    settled: ({ route, revision: at }) => void told.push(['settled', route, at]),
    overtaken: ({ route, revision: at }) => void told.push(['overtaken', route, at]),
    clockOff: (skewMs) => void told.push(['clockOff', skewMs]),
    leads: () => undefined,
    decided: ({ route, weight }, { kind }) => void told.push(['decided', route, kind, weight / 100]),
    undecided: ({ route }, { kind }) => void told.push(['undecided', route, kind]),
    notified: ({ route, revision: at }, outcome) => void told.push(['notified', route, at, outcome]),
    rolledBack: (route) => void told.push(['rolledBack', route]),
    drilled: (route) => void told.push(['drilled', route]),
    notKept: (cause) => void told.push(['notKept', cause]),
  };
}
