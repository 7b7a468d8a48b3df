import { NO_GROWTH, grow } from '../domain/counter-growth.ts';
import type { CounterGrowth } from '../domain/counter-growth.ts';
import { periodOf } from '../domain/evidence.ts';
import type { CustomGrowth, Evidence } from '../domain/evidence.ts';
import type { CustomGate } from '../domain/ramp.ts';
import { rampInForce } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import type { Observed } from './observed.ts';

/** Of a gate's counter of what was bad, or good, and of all. */
type Growths = { part: CounterGrowth; total: CounterGrowth; lastPeriod: number | undefined };
type Watched = { epoch: number; byGate: Map<string, Growths> };
const NOTHING: Growths = { part: NO_GROWTH, total: NO_GROWTH, lastPeriod: undefined };

/** A series that is not published beside its total begins with the first thing that it counts. */
const NOT_YET = 0;

/** Follows the counters of custom gates, on the edge that leads: how much each grew since the epoch began. */
export class CustomGates {
  readonly #countersOf: Observed['countersOf'];
  readonly #now: () => Date;
  readonly #watched = new Map<string, Watched>();

  constructor(countersOf: Observed['countersOf'], now: () => Date) {
    this.#countersOf = countersOf;
    this.#now = now;
  }

  /** Since this edge began to watch, in the epoch in force. */
  growthOf({ route, epoch, ramp }: RouteState): Evidence['custom'] {
    const watched = this.#watched.get(route);
    if (watched?.epoch !== epoch.revision || !ramp) return {};
    const known = ramp.plan.gates.custom.flatMap(({ name, bad }) => {
      const growths = watched.byGate.get(name);
      return growths ? [[name, growthOf(growths, bad !== undefined)] as const] : [];
    });
    return Object.fromEntries(known);
  }

  /** Looks once at every counter of a route's ramp; one that cannot be had stays as it was. */
  async look(state: RouteState): Promise<void> {
    const ramp = rampInForce(state);
    if (!ramp || ramp.plan.gates.custom.length === 0) return void this.#watched.delete(state.route);
    const byGate = this.#gatesOf(state);
    const { period } = periodOf(this.#now().getTime(), Date.parse(state.epoch.since));
    await Promise.all(ramp.plan.gates.custom.map((gate) => this.#lookAt(gate, byGate, period)));
  }

  #gatesOf({ route, epoch }: RouteState): Watched['byGate'] {
    const known = this.#watched.get(route);
    if (known?.epoch === epoch.revision) return known.byGate;
    const byGate: Watched['byGate'] = new Map();
    this.#watched.set(route, { epoch: epoch.revision, byGate });
    return byGate;
  }

  /** Others may have watched since this edge last looked: what grew meanwhile is not its own to count. */
  rest(): void {
    for (const { byGate } of this.#watched.values()) {
      for (const [gate, { part, total, ...rest }] of byGate) {
        byGate.set(gate, { ...rest, part: { ...part, last: undefined }, total: { ...total, last: undefined } });
      }
    }
  }

  async #lookAt(gate: CustomGate, byGate: Watched['byGate'], period: number): Promise<void> {
    const { name, upstream, path, bad, good, total } = gate;
    const [part, all] = await this.#countersOf(upstream, path, [bad ?? good!, total]);
    if (all === undefined) return;
    const before = byGate.get(name) ?? NOTHING;
    const after = grow(before.total, all);
    const lastPeriod = after.grown > before.total.grown ? period : before.lastPeriod;
    byGate.set(name, { part: grow(before.part, part ?? NOT_YET), total: after, lastPeriod });
  }
}

function growthOf({ part, total, lastPeriod }: Growths, isOfBad: boolean): CustomGrowth {
  const bad = isOfBad ? part.grown : Math.max(0, total.grown - part.grown);
  return { bad, total: total.grown, ...(lastPeriod !== undefined && { lastPeriod }) };
}
