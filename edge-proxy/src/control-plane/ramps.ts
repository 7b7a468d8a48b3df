import type { RampPlan } from '../domain/ramp.ts';
import { guardOf } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { EVERYBODY } from '../domain/weight.ts';
import type { ChangeRoute } from './change-route.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { ControlEvents } from './control-events.ts';
import { CustomGates } from './custom-gates.ts';
import type { FleetCounts } from './fleet-counts.ts';
import { Judging } from './judging.ts';
import { Notifications } from './notifications.ts';
import type { Notifier } from './notifier.ts';
import type { Observed } from './observed.ts';
import { RampLeader } from './ramp-leader.ts';
import { RetirementWatch } from './retirement-watch.ts';
import { SILENT_AFTER_MS } from './route-store.ts';
import type { RouteStore, SeenReplica } from './route-store.ts';

export type RampsOptions = {
  store: RouteStore;
  counts: FleetCounts;
  door: ChangeRoute;
  observed: Observed;
  notifier: Notifier | undefined;
  events: ControlEvents;
  /** `EDGE_ID`, and the name of this start of the edge. */
  edge: string;
  incarnation: string;
  states: () => ReadonlyMap<string, RouteState>;
  /** As last seen. */
  replicas: () => readonly SeenReplica[];
  routeOf: (name: string) => ConfiguredRoute | undefined;
  now: () => Date;
};

const MOST_SKEW_MS = 5000;
/** Looks that pass between two at what is in no hurry, and at what leaves the edge. */
const UNHURRIED = 4;
const RARE = 60;

/** As people are judged where no ramp guards a route and its configuration has no plan. */
const DEFAULT_PLAN: RampPlan = {
  steps: [{ weight: EVERYBODY, bakeMs: 0, approve: 'manual' }],
  onFail: 'freeze',
  judgedBy: 'people',
  minimumUsers: 20,
  gates: { failedPercent: 1, slowPercent: 5, invalidPercent: 1, custom: [] },
};

/** All that goes on about ramps without anybody asking: leading, judging, deciding, telling people, watching the old side. */
export class Ramps {
  readonly judging: Judging;
  readonly retirement: RetirementWatch;
  readonly #options: RampsOptions;
  readonly #leader: RampLeader;
  readonly #customGates: CustomGates;
  readonly #notifications: Notifications | undefined;
  #looks = 0;

  constructor(options: RampsOptions) {
    const { observed, notifier, routeOf } = options;
    this.#options = options;
    this.#leader = new RampLeader(options);
    this.#customGates = new CustomGates(observed.countersOf, options.now);
    this.judging = new Judging({
      ...options,
      customOf: (state) => this.#customGates.growthOf(state),
      planOf: (route) => routeOf(route)?.ramp ?? DEFAULT_PLAN,
      digestOf: (route) => routeOf(route)?.digest ?? '',
    });
    this.retirement = new RetirementWatch(options);
    this.#notifications = notifier && new Notifications({ ...options, notifier });
  }

  get isLeading(): boolean {
    return this.#leader.isLeading;
  }

  /** Once, twice a second. Rejects if the store cannot be reached. */
  async look(): Promise<void> {
    const turn = this.#looks++;
    if (!this.#mayLead()) await this.#leader.resign();
    else if (await this.#leader.renew()) this.#customGates.rest();
    for (const state of this.#options.states().values()) {
      await this.#lookAt(state, turn);
      if (this.#leader.isLeading) this.#notifications?.look(state);
    }
    if (turn % RARE === 0) await this.#watchOldSides();
  }

  async close(): Promise<void> {
    this.#notifications?.close();
    // What was seen since the last look; a store that is out of reach has what it has.
    await this.#watchOldSides().catch(() => undefined);
    await this.#leader.resign();
  }

  /** How long a step has lasted, and which minutes are judged together, goes by the leader's clock. */
  #mayLead(): boolean {
    const { clockSkewMs } = this.#options.store;
    const isClockOff = Math.abs(clockSkewMs) > MOST_SKEW_MS;
    if (isClockOff) this.#options.events.clockOff(clockSkewMs);
    return !isClockOff && !this.#isOutdone();
  }

  /**
   * Whether another edge serves all routes that this one does, and more: with another configuration, which is on its way here
   * or was here once. Whoever leads must know the routes that ramp.
   */
  #isOutdone(): boolean {
    const own = [...this.#options.states().keys()];
    return this.#options.replicas().some(({ routes, seenMsAgo, leads }) => {
      const others = Object.keys(routes);
      return (
        leads === true &&
        seenMsAgo <= SILENT_AFTER_MS &&
        others.length > own.length &&
        own.every((route) => others.includes(route))
      );
    });
  }

  async #lookAt(state: RouteState, turn: number): Promise<void> {
    const isUnhurried = turn % UNHURRIED === 0;
    if (this.#leader.isLeading && turn % 2 === 0) void this.#customGates.look(state);
    if (guardOf(state) || isUnhurried) {
      const decision = await this.judging.look(state, this.#leader.isLeading);
      if (decision) await this.#leader.carryOut(state, decision);
    }
    if (isUnhurried) await this.judging.lookAtParity(state);
  }

  async #watchOldSides(): Promise<void> {
    for (const name of this.#options.states().keys()) {
      const route = this.#options.routeOf(name);
      if (!route) continue;
      await this.retirement.noteUse(route);
      if (this.#leader.isLeading) await this.retirement.noteDirectCalls(route);
    }
  }
}
