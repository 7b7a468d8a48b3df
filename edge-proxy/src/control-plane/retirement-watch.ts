import { LONGEST_GAP_MS, checkRetirement } from '../domain/check-retirement.ts';
import { fullSince } from '../domain/full-since.ts';
import type { ParityReport } from '../domain/parity.ts';
import type { RouteFacts } from '../domain/retirement.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { ConfiguredRoute } from './configured-route.ts';
import type { FleetCounts } from './fleet-counts.ts';
import type { Observed } from './observed.ts';
import type { RetirementCheck } from './route-control.ts';
import type { RouteStore } from './route-store.ts';

export type RetirementWatchOptions = {
  counts: FleetCounts;
  store: Pick<RouteStore, 'history'>;
  observed: Pick<Observed, 'oldSideUseOf' | 'countersOf'>;
  now: () => Date;
};

/** Of every process that publishes metrics with prom-client's defaults. */
const STARTED = 'process_start_time_seconds';
const PAGE = 500;
/** Changes of one route that are looked through for when it came to 100 %. */
const MOST_ENTRIES = 20_000;

/** Keeps what a restart must not lose about the use of the old side, and says whether it may go. */
export class RetirementWatch {
  readonly #options: RetirementWatchOptions;

  constructor(options: RetirementWatchOptions) {
    this.#options = options;
  }

  /** Stores when the old side was last used, as this edge saw it. Rejects if the store cannot be reached. */
  async noteUse({ name }: ConfiguredRoute): Promise<void> {
    const known = await this.factsOf(name);
    const seen = this.#options.observed.oldSideUseOf(name);
    const since = known.watchedSince === undefined ? { watchedSince: this.#now() } : {};
    await this.#raise(name, { ...seen, ...since });
  }

  /**
   * On the edge that leads: whether the old side was called past the edges since somebody last looked, by its own counter.
   * Counters begin anew with their process, so each start of it is a count of its own. Rejects if the store cannot be reached.
   */
  async noteDirectCalls({ name, sides, retire }: ConfiguredRoute): Promise<void> {
    if (!retire.directCalls) return;
    const { path, counter } = retire.directCalls;
    const [calls, started = 0] = await this.#options.observed.countersOf(sides.old, path, [counter, STARTED]);
    if (calls === undefined) return;
    const topic = `direct:${name}`;
    const start = String(Math.round(started));
    const before = (await this.#options.counts.facts(topic))[start];
    const known = await this.factsOf(name);
    const now = this.#now();
    const isWatched = known.directSeenAt !== undefined && now - known.directSeenAt <= LONGEST_GAP_MS;
    const since = isWatched ? {} : { directWatchedSince: now };
    const called = known.directSeenAt !== undefined && calls > (before ?? 0) ? { calledDirectly: now } : {};
    await this.#options.counts.raise(topic, { [start]: calls });
    await this.#raise(name, { ...since, ...called, directSeenAt: now });
  }

  async noteDrill(route: string, drillMs: number): Promise<void> {
    // The time goes with the last drill, not with the longest.
    const drilledAt = this.#now();
    await this.#raise(route, { drilledAt });
    await this.#options.counts.raise(`drill:${route}`, { [String(drilledAt)]: drillMs });
  }

  /** Rejects if the store cannot be reached. */
  async factsOf(route: string): Promise<RouteFacts> {
    const facts: RouteFacts = await this.#options.counts.facts(`use:${route}`);
    if (facts.drilledAt === undefined) return facts;
    const drillMs = (await this.#options.counts.facts(`drill:${route}`))[String(facts.drilledAt)];
    return drillMs === undefined ? facts : { ...facts, drillMs };
  }

  /** Rejects if the store cannot be reached. */
  async check(route: ConfiguredRoute, state: RouteState, parity: ParityReport): Promise<RetirementCheck> {
    await this.noteUse(route);
    const facts = await this.factsOf(route.name);
    const since = await this.#fullSince(state);
    const { weight } = state;
    const input = { terms: route.retire, weight, fullSince: since, facts, parity, now: this.#now() };
    return { conditions: checkRetirement(input), facts };
  }

  async #fullSince(state: RouteState): Promise<number | undefined> {
    const entries: RouteState[] = [];
    let before: string | undefined;
    do {
      const page = await this.#options.store.history({ route: state.route, limit: PAGE, before });
      entries.push(...page.entries);
      before = page.next;
      const { since, isCertain } = fullSince(state, entries);
      if (isCertain) return since;
    } while (before !== undefined && entries.length < MOST_ENTRIES);
    return fullSince(state, entries).since;
  }

  async #raise(route: string, facts: RouteFacts): Promise<void> {
    const known = Object.entries(facts).filter((fact): fact is [string, number] => fact[1] !== undefined);
    if (known.length > 0) await this.#options.counts.raise(`use:${route}`, Object.fromEntries(known));
  }

  #now(): number {
    return this.#options.now().getTime();
  }
}
