import type { FollowedRequest } from '../data-plane/follower.ts';
import { UNIT_MS, periodOf } from '../domain/evidence.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Epoch } from '../domain/route-state.ts';
import type { Side } from '../domain/split.ts';
import type { Met } from './met.ts';
import { PeriodTally } from './period-tally.ts';
import { UnitTally } from './unit-tally.ts';

/** Whose request it was, of which side, and when it began: wall clock, in milliseconds. */
export type Person = { readonly hash: number; readonly side: Side; readonly at: number };

/** What was seen of a route in one epoch. */
export class RouteEvidence {
  /** Requests without an answer within the objective so far. */
  readonly open = new Set<FollowedRequest>();
  readonly #epoch: Epoch;
  readonly #sinceMs: number;
  readonly #requests = { old: 0, new: 0 };
  readonly #unverified = { old: 0, new: 0 };
  readonly #units: Readonly<Record<Side, UnitTally>> = { old: new UnitTally(), new: new UnitTally() };
  readonly #periods = new Map<number, PeriodTally>();
  #misplaced = 0;
  /** Those who are told apart began later than this. */
  #keptSinceMs: number;

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
    this.#sinceMs = Date.parse(epoch.since);
    this.#keptSinceMs = this.#sinceMs;
  }

  isOf(epoch: Epoch): boolean {
    return epoch === this.#epoch || (epoch.revision === this.#epoch.revision && epoch.since === this.#epoch.since);
  }

  /** One request more, answered or given up. */
  request(person: Person, met: Met, isMisplaced: boolean): void {
    this.#requests[person.side]++;
    if (isMisplaced) this.#misplaced++;
    this.meet(person, met);
  }

  /** A request that was not served well, of somebody who may be anybody. */
  unverified(side: Side): void {
    this.#unverified[side]++;
  }

  /** Adds to what a person met in the minute in which the request began; the oldest one kept, if that is longer ago. */
  meet({ hash, side, at }: Person, met: Met): void {
    const { period, unit } = periodOf(Math.max(at, this.#keptSinceMs), this.#sinceMs);
    const person = hash | 0;
    // The period knows all that its minutes know.
    if (!this.#units[side].add(person, unit, met)) return;
    let tally = this.#periods.get(period);
    if (tally === undefined) this.#periods.set(period, (tally = new PeriodTally()));
    tally.add(person, side, unit, met);
  }

  /** Forgets who was seen before the last minute, and before the last period. @param now wall clock, milliseconds */
  advance(now: number): void {
    const { period, unit } = periodOf(now, this.#sinceMs);
    this.#keptSinceMs = this.#sinceMs + (unit - 1) * UNIT_MS;
    for (const units of Object.values(this.#units)) units.keep(unit - 1, unit + 1);
    for (const each of this.#periods.keys()) if (Math.abs(each - period) > 1) this.#periods.delete(each);
  }

  get evidence(): Evidence {
    const periods = [...this.#periods].toSorted(([one], [other]) => one - other).slice(-2);
    return {
      epoch: this.#epoch.revision,
      requests: { ...this.#requests },
      units: { old: this.#units.old.counts, new: this.#units.new.counts },
      misplaced: this.#misplaced,
      unverified: { ...this.#unverified },
      periods: periods.map(([period, tally]) => tally.evidence(period)),
      custom: {},
    };
  }
}
