import { randomUUID } from 'node:crypto';
import { wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { Revision } from '../domain/weight.ts';
import { assertFollows } from '../control-plane/route-store.ts';
import type {
  AppendResult,
  HistoryPage,
  HistoryQuery,
  ReplicaReport,
  RouteStore,
  SeenReplica,
  StoreContent,
  StoreWatcher,
} from '../control-plane/route-store.ts';
import type { FleetCounts } from '../control-plane/fleet-counts.ts';
import { CountsTable, tableCounts } from './counts-table.ts';
import { MemoryLease } from './memory-lease.ts';
import { ReplicaList } from './replica-list.ts';

/** What several stores of one process share. */
type Memory = {
  id: string | undefined;
  readonly states: Map<string, RouteState>;
  readonly damaged: Map<string, string>;
  readonly log: RouteState[];
  readonly replicas: ReplicaList;
  readonly lease: MemoryLease;
  readonly counts: CountsTable;
  readonly stores: Set<MemoryStore>;
};

/** A store that forgets with its process. `another` opens the same memory once more, for a replica. */
export class MemoryStore implements RouteStore {
  readonly kind = 'memory';
  clockSkewMs = 0;
  /** Shared like the states, and out of reach with this store. */
  readonly counts: FleetCounts;
  readonly #memory: Memory;
  readonly #watchers: StoreWatcher[] = [];
  #incarnation: string | undefined;
  /** Of the memory when it was loaded last; until then the one that this store would give it. */
  #id: string = randomUUID();
  #fault: { cause: unknown } | undefined;

  /** @param now milliseconds that never go back */
  constructor({ memory, now }: { memory?: Memory; now?: () => number } = {}) {
    this.#memory = memory ?? {
      id: undefined,
      states: new Map(),
      damaged: new Map(),
      log: [],
      replicas: new ReplicaList(now),
      lease: new MemoryLease(now),
      counts: new CountsTable(),
      stores: new Set(),
    };
    this.#memory.stores.add(this);
    this.counts = tableCounts(this.#memory.counts, { assertReachable: () => this.#assertReachable() });
  }

  another(): MemoryStore {
    return new MemoryStore({ memory: this.#memory });
  }

  async load(knownId?: string): Promise<StoreContent> {
    this.#assertReachable();
    this.#memory.id ??= knownId;
    this.#id = this.#memory.id ?? this.#id;
    const { id, states, damaged } = this.#memory;
    return { id, states: new Map(states), damaged: new Map(damaged) };
  }

  async append(next: RouteState, expected: Revision, fence?: number): Promise<AppendResult> {
    assertFollows(next, expected);
    if (!this.#fault && fence !== undefined && !this.#memory.lease.isLast(fence)) return { kind: 'deposed' };
    const isDamaged = this.#memory.damaged.has(next.route);
    return this.#write(next, (current) => !isDamaged && (current?.revision ?? 0) === expected);
  }

  async lead(holder: string, ttlMs: number): Promise<number | undefined> {
    this.#assertReachable();
    return this.#memory.lease.take(holder, ttlMs);
  }

  async resign(holder: string): Promise<void> {
    if (!this.#fault) this.#memory.lease.giveUp(holder);
  }

  async repair(state: RouteState, knownId?: string): Promise<AppendResult> {
    if (!wasChanged(state)) return this.#clear(state.route);
    const isOther = this.#memory.id !== undefined && this.#memory.id !== knownId;
    return this.#write(state, (current) => !isOther && (current?.revision ?? 0) < state.revision);
  }

  async history({ route, limit, before }: HistoryQuery): Promise<HistoryPage> {
    this.#assertReachable();
    const { length } = this.#memory.log;
    const end = before === undefined ? length : Number(before);
    if (!Number.isSafeInteger(end) || end > length) return { entries: [], next: undefined };
    const found = [...this.#memory.log.entries()]
      .filter(([index, state]) => index < end && (route === undefined || route === state.route))
      .toReversed();
    const page = found.slice(0, limit);
    return {
      entries: page.map(([, state]) => state),
      next: found.length > limit ? String(page.at(-1)![0]) : undefined,
    };
  }

  watch(watcher: StoreWatcher): void {
    this.#watchers.push(watcher);
  }

  async report(report: ReplicaReport): Promise<void> {
    this.#assertReachable();
    this.#incarnation = report.incarnation;
    this.#memory.replicas.put(report);
  }

  async replicas(): Promise<readonly SeenReplica[]> {
    this.#assertReachable();
    return this.#memory.replicas.list();
  }

  /** Puts this store, but none of the others on its memory, out of reach because of `cause`, until `mend`. */
  break(cause: unknown): void {
    this.#fault = { cause };
  }

  mend(): void {
    this.#fault = undefined;
    for (const watcher of this.#watchers) watcher.reachable();
  }

  /** Makes what is stored for a route unreadable. */
  damage(route: string, why: string): void {
    this.#memory.states.delete(route);
    this.#memory.damaged.set(route, why);
  }

  /** Loses what is stored for a route. */
  forget(route: string): void {
    this.#memory.states.delete(route);
  }

  /** Loses everything, as a server does that keeps nothing on disk and is started again. */
  empty(): void {
    const { states, damaged, log, lease, counts } = this.#memory;
    this.#memory.id = undefined;
    lease.lose();
    counts.clear();
    states.clear();
    damaged.clear();
    log.length = 0;
  }

  async close(): Promise<void> {
    if (this.#incarnation !== undefined) this.#memory.replicas.remove(this.#incarnation);
    this.#memory.stores.delete(this);
    this.break(new Error('the store is closed'));
  }

  #clear(route: string): AppendResult {
    if (this.#fault) return unavailable(this.#fault.cause);
    if (this.#memory.damaged.delete(route)) return { kind: 'written' };
    return { kind: 'conflict', current: this.#memory.states.get(route) };
  }

  #write(next: RouteState, mayFollow: (current: RouteState | undefined) => boolean): AppendResult {
    if (this.#fault) return unavailable(this.#fault.cause);
    const { states, damaged, log, stores } = this.#memory;
    const current = states.get(next.route);
    if (!mayFollow(current)) return { kind: 'conflict', current };
    this.#memory.id ??= this.#id;
    states.set(next.route, next);
    damaged.delete(next.route);
    log.push(next);
    for (const store of stores) store.#tell(next);
    return { kind: 'written' };
  }

  #tell(state: RouteState): void {
    if (this.#fault) return;
    for (const watcher of this.#watchers) queueMicrotask(() => watcher.changed(state));
  }

  #assertReachable(): void {
    if (this.#fault) throw this.#fault.cause;
  }
}

function unavailable(cause: unknown): AppendResult {
  return { kind: 'unavailable', cause, maybeWritten: false };
}
