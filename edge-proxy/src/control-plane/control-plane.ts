import { setTimeout as delay } from 'node:timers/promises';
import type { SnapshotHolder } from '../snapshot.ts';
import { ChangeRoute } from './change-route.ts';
import type { ConfiguredRouting } from './configured-route.ts';
import type { ControlEvents } from './control-events.ts';
import { Fleet } from './fleet.ts';
import type { FleetCounts } from './fleet-counts.ts';
import { createFollowStore } from './follow-store.ts';
import type { KeptRoutes, RouteKeeper } from './kept-routes.ts';
import type { Notifier } from './notifier.ts';
import type { Observed } from './observed.ts';
import { Ramps } from './ramps.ts';
import { restoreState } from './restore-state.ts';
import type { RestoreReport } from './restore-state.ts';
import type { RouteControl, StoreStatus } from './route-control.ts';
import type { ReplicaReport, RouteStore, StoreContent } from './route-store.ts';
import { RollbackWatch } from './rollback-watch.ts';
import { RoutesInForce } from './routes-in-force.ts';
import { createSteering } from './steering.ts';
import { TrafficHistory } from './traffic-history.ts';

export type ControlPlaneOptions = {
  store: RouteStore;
  keeper: RouteKeeper;
  holder: SnapshotHolder;
  /** This edge: its name, and the name of this start of it. */
  replica: Pick<ReplicaReport, 'id' | 'incarnation' | 'startedAt'>;
  observed: Observed;
  counts: FleetCounts;
  /** Undefined if nobody is to be told. */
  notifier: Notifier | undefined;
  events: ControlEvents;
  now?: () => Date;
};

/** Between two looks at the store: what was missed is made good in this time. */
const LOOK_EVERY_MS = 1000;
/** People who are served badly wait no longer for the leader. */
const JUDGE_EVERY_MS = 500;
/** After a change the others serve it, and have said so, in about this time. */
const ANSWERED_AFTER_MS = 50;

/** Everything that decides and knows what is in force: the changes, the store and the other edges that share it. */
export class ControlPlane {
  readonly control: RouteControl;
  readonly #options: ControlPlaneOptions;
  readonly #now: () => Date;
  readonly #routes: RoutesInForce;
  readonly #door: ChangeRoute;
  readonly #follow: () => Promise<void>;
  readonly #fleet: Fleet;
  readonly #ramps: Ramps;
  readonly #rollbacks: RollbackWatch;
  readonly #history = new TrafficHistory();
  readonly #listeners = new Set<() => void>();
  #routing: ConfiguredRouting;
  #store: StoreStatus;
  #round: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #judgeTimer: NodeJS.Timeout | undefined;
  #judging: Promise<void> | undefined;
  #reportIsDue = false;
  #isClosed = false;

  private constructor(options: ControlPlaneOptions, routing: ConfiguredRouting) {
    const { store, keeper, holder, events, now = () => new Date() } = options;
    this.#options = options;
    this.#now = now;
    this.#routing = routing;
    this.#store = { kind: store.kind, reachable: true, since: now().getTime() };
    this.#routes = new RoutesInForce({ holder, keeper, changed: () => this.#changed(), notKept: events.notKept });
    this.#fleet = new Fleet({ store, ownReport: () => this.#ownReport() });
    this.#rollbacks = new RollbackWatch({ fleet: this.#fleet, events });
    this.#door = new ChangeRoute({
      store,
      routes: this.#routes,
      events,
      now,
      wentBack: (state, orderedAt) => void this.#rollbacks.follow(state, orderedAt),
    });
    const configured = () => this.#routing.routes;
    this.#follow = createFollowStore({
      store,
      routes: this.#routes,
      settle: (route) => this.#door.settle(route),
      configured,
      events,
      now,
    });
    this.#ramps = new Ramps({
      ...options,
      now,
      edge: options.replica.id,
      incarnation: options.replica.incarnation,
      door: this.#door,
      states: () => this.#routes.current,
      replicas: () => this.#fleet.replicas,
      routeOf: (name) => configured().find((route) => route.name === name),
    });
    this.control = this.#createControl();
  }

  /**
   * Puts every route's state in force, then follows the store until `close`. A store that is out of reach does not stop
   * the start: what this edge knew last is in force then.
   */
  static async start(
    options: ControlPlaneOptions,
    routing: ConfiguredRouting,
  ): Promise<{ plane: ControlPlane; restored: RestoreReport }> {
    const plane = new ControlPlane(options, routing);
    const kept = await options.keeper.load();
    const restored = plane.#restore(await plane.#load(kept.storeId), kept);
    options.store.watch({
      changed: (state) => {
        if (plane.#routes.put(state)) options.events.learned(state);
      },
      reachable: () => void plane.round(),
    });
    await plane.round();
    plane.#timer = setInterval(() => void plane.round(), LOOK_EVERY_MS);
    plane.#judgeTimer = setInterval(() => void plane.judge(), JUDGE_EVERY_MS);
    return { plane, restored };
  }

  /** Takes another configuration: routes that stay keep their state. */
  async configure(routing: ConfiguredRouting): Promise<RestoreReport> {
    const content = await this.#load(this.#routes.storeId);
    this.#routing = routing;
    const { storeId, current: states, pending } = this.#routes;
    return this.#restore(content, { storeId, states, pending });
  }

  /** Once: agrees with the store, tells the others what is served here, sees what they serve, takes a sample. */
  async round(): Promise<void> {
    if (this.#isClosed) return;
    this.#round ??= this.#goRound().finally(() => (this.#round = undefined));
    await this.#round;
  }

  /** Once: shares what this edge saw of people, judges what all saw, and carries out what follows if it leads. */
  async judge(): Promise<void> {
    if (this.#isClosed) return;
    // A store that is out of reach is told by the round.
    this.#judging ??= this.#ramps
      .look()
      .catch(() => undefined)
      .finally(() => (this.#judging = undefined));
    await this.#judging;
  }

  /** What is in force stays; nothing is looked up or told any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearInterval(this.#judgeTimer);
    this.#rollbacks.close();
    await Promise.all([this.#round, this.#judging]);
    await this.#ramps.close();
    await this.#routes.saved();
    this.#listeners.clear();
  }

  async #goRound(): Promise<void> {
    await this.#routes.saveAgain();
    try {
      await this.#follow();
      await this.#fleet.report();
      await this.#fleet.look();
      this.#found(true);
    } catch (cause) {
      this.#found(false, cause);
    }
    this.#history.add(this.#now().getTime(), this.#routes.current, this.#fleet.replicas);
    this.#tell();
  }

  async #load(storeId: string | undefined): Promise<StoreContent | undefined> {
    try {
      const content = await this.#options.store.load(storeId);
      this.#found(true);
      return content;
    } catch (cause) {
      this.#found(false, cause);
      return undefined;
    }
  }

  #restore(content: StoreContent | undefined, kept: KeptRoutes): RestoreReport {
    const { routes: configured } = this.#routing;
    return restoreState({ routes: this.#routes, configured, content, kept, now: this.#now });
  }

  #found(reachable: boolean, cause?: unknown): void {
    if (this.#store.reachable === reachable) return;
    this.#store = { ...this.#store, reachable, since: this.#now().getTime() };
    if (reachable) this.#options.events.storeBack();
    else this.#options.events.storeLost(cause);
  }

  #changed(): void {
    this.#tell();
    if (this.#reportIsDue) return;
    this.#reportIsDue = true;
    // Several routes that change together are told together.
    queueMicrotask(() => {
      this.#reportIsDue = false;
      void this.#announce().catch(() => undefined);
    });
  }

  /** Tells the others at once, and looks whether they have it too. */
  async #announce(): Promise<void> {
    await this.#fleet.report();
    await delay(ANSWERED_AFTER_MS);
    if (this.#isClosed) return;
    await this.#fleet.look();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #ownReport(): ReplicaReport {
    const { replica, observed } = this.#options;
    const routes = [...this.#routes.current.values()].map(({ route, revision }) => [
      route,
      { revision, traffic: observed.trafficOf(route) },
    ]);
    return { ...replica, leads: true, routes: Object.fromEntries(routes), upstreams: observed.upstreams() };
  }

  #createControl(): RouteControl {
    const stateOf = (route: string) => this.#routes.current.get(route);
    return {
      routing: () => this.#routing,
      stateOf,
      isStored: (route) => this.#routes.pendingOf(route).length === 0,
      ...createSteering({
        door: this.#door,
        fleet: this.#fleet,
        ramps: this.#ramps,
        stateOf,
        routing: () => this.#routing,
        drilled: this.#options.events.drilled,
      }),
      untilAcknowledged: async (wanted) => await this.#fleet.untilServed(wanted),
      history: async (query) => await this.#options.store.history(query),
      replicas: () => this.#fleet.replicas,
      store: () => this.#store,
      traffic: (route) => this.#history.of(route),
      usersBetween: this.#options.observed.usersBetween,
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }
}
