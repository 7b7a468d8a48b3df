import { periodOf } from '../domain/evidence.ts';
import type { Evidence } from '../domain/evidence.ts';
import { decideRamp } from '../domain/decide-ramp.ts';
import { judge } from '../domain/judge.ts';
import { mergeEvidence } from '../domain/merge-evidence.ts';
import type { ParityReport } from '../domain/parity.ts';
import type { RampDecision } from '../domain/ramp-decision.ts';
import type { RampPlan } from '../domain/ramp.ts';
import { rampInForce } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { sumOfParity } from '../domain/sum-parity.ts';
import { NOBODY } from '../domain/weight.ts';
import { evidenceSchema } from './evidence-schema.ts';
import type { CountsKey, FleetCounts, ReplicaCounts } from './fleet-counts.ts';
import type { Observed } from './observed.ts';
import { parityReportSchema } from '../parity/parity-schema.ts';
import type { RouteVerdict } from './route-control.ts';

export type JudgingOptions = {
  counts: FleetCounts;
  /** Of this edge. */
  incarnation: string;
  observed: Pick<Observed, 'evidenceOf' | 'parityOf' | 'checksContent'>;
  /** Of the edge that leads. */
  customOf: (state: RouteState) => Evidence['custom'];
  /** By which a route is judged that no ramp guards. */
  planOf: (route: string) => RampPlan;
  /** Of a route's configuration, as `ConfiguredRoute` has it. */
  digestOf: (route: string) => string;
  now: () => Date;
};

/** Shares what this edge saw of each route, and judges what all of them saw together. */
export class Judging {
  readonly #options: JudgingOptions;
  readonly #verdicts = new Map<string, RouteVerdict>();
  readonly #parity = new Map<string, ParityReport>();

  constructor(options: JudgingOptions) {
    this.#options = options;
  }

  /** As of the last look; undefined for what is not judged, or was not yet in its epoch. */
  verdictOf({ route, epoch }: RouteState): RouteVerdict | undefined {
    const known = this.#verdicts.get(route);
    return known?.epoch === epoch.revision ? known : undefined;
  }

  parityOf(route: string): ParityReport {
    return this.#parity.get(route) ?? this.#options.observed.parityOf(route);
  }

  /**
   * Shares and judges one route. Rejects if the store cannot be reached.
   *
   * @returns what its ramp makes of that; undefined if it has none
   */
  async look(state: RouteState, isLeading: boolean): Promise<RampDecision | undefined> {
    const { route, epoch, weight } = state;
    if (weight === NOBODY) return void this.#verdicts.delete(route);
    const now = this.#options.now().getTime();
    const sinceMs = Date.parse(epoch.since);
    const { period } = periodOf(now, sinceMs);
    // An edge whose clock is far ahead must not hide what all others see.
    const seen = (await this.#evidenceOf(state, isLeading ? period : undefined)).map((each) => ({
      ...each,
      periods: each.periods.filter((at) => at.period <= period + 1),
    }));
    const evidence = mergeEvidence(seen);
    const ramp = rampInForce(state);
    const known = { weight, evidence, checksContent: this.#options.observed.checksContent(route), now };
    const decision = ramp ? decideRamp({ ramp, epochSinceMs: sinceMs, ...known }) : undefined;
    const gates = decision?.verdicts ?? judge({ plan: this.#options.planOf(route), sinceMs, ...known });
    this.#verdicts.set(route, { at: now, epoch: epoch.revision, weight, gates, decision, isLeading });
    return decision;
  }

  /** Shares and sums what was compared. Rejects if the store cannot be reached. */
  async lookAtParity({ route, mirrorEpoch }: RouteState): Promise<void> {
    const { counts, incarnation, observed } = this.#options;
    const key = this.#keyOf('parity', route, mirrorEpoch);
    const own = observed.parityOf(route);
    if (own.compared > 0 || hasChecked(own) || hasSkipped(own)) await counts.put(key, { incarnation, value: own });
    const reports = readable(await counts.all(key), parityReportSchema);
    this.#parity.set(route, sumOfParity(reports.map(({ value }) => value)));
  }

  /** @param period of the leader, which sees to it that of people of long ago only sums stay */
  async #evidenceOf(state: RouteState, period: number | undefined): Promise<readonly Evidence[]> {
    const { counts, incarnation, observed, customOf } = this.#options;
    const epoch = state.epoch.revision;
    const key = this.#keyOf('evidence', state.route, epoch);
    const own = observed.evidenceOf(state.route);
    const custom = customOf(state);
    const seen = own?.epoch === epoch ? own : Object.keys(custom).length > 0 ? noEvidence(epoch) : undefined;
    if (seen) await counts.put(key, { incarnation, value: { ...seen, custom } });
    const reported = readable(await counts.all(key), evidenceSchema);
    if (period !== undefined) await this.#forgetPeople(key, reported, period);
    return reported.map(({ value }) => value).filter((each) => each.epoch === epoch);
  }

  /** What was seen by another configuration says nothing of this one. */
  #keyOf(what: 'evidence' | 'parity', route: string, epoch: number): CountsKey {
    return { topic: `${what}@${this.#options.digestOf(route)}:${route}`, epoch };
  }

  /** Whoever is only idle reports everything again with the next request. */
  async #forgetPeople(key: CountsKey, reported: readonly Reported<Evidence>[], period: number): Promise<void> {
    const old = reported.filter(({ value: { periods } }) => periods.length > 0 && periods.at(-1)!.period < period - 1);
    for (const { incarnation, value } of old) {
      await this.#options.counts.put(key, { incarnation, value: { ...value, periods: [] } });
    }
  }
}

type Reported<Value> = { readonly incarnation: string; readonly value: Value };

/** What an edge of another version wrote, or somebody else, is left out if it cannot be read. */
function readable<Value>(
  all: readonly ReplicaCounts[],
  schema: { safeParse: (value: unknown) => { success: true; data: Value } | { success: false } },
): Reported<Value>[] {
  return all.flatMap(({ incarnation, value }) => {
    const result = schema.safeParse(value);
    return result.success ? [{ incarnation, value: result.data }] : [];
  });
}

function hasChecked({ live }: ParityReport): boolean {
  return live.old.checked + live.new.checked > 0;
}

function hasSkipped({ skipped }: ParityReport): boolean {
  return Object.keys(skipped).length > 0;
}

function noEvidence(epoch: RouteState['epoch']['revision']): Evidence {
  const none = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };
  return {
    epoch,
    requests: { old: 0, new: 0 },
    units: { old: none, new: none },
    misplaced: 0,
    unverified: { old: 0, new: 0 },
    periods: [],
    custom: {},
  };
}
