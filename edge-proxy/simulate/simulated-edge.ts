import { FLAWS, MOST_FLAWED, MOST_USERS, PERIOD_MS, UNIT_MS, periodOf } from '../src/domain/evidence.ts';
import type { Evidence, Flaw } from '../src/domain/evidence.ts';
import { sideOfHash } from '../src/domain/split.ts';
import type { Side } from '../src/domain/split.ts';
import { EVERYBODY } from '../src/domain/weight.ts';
import type { Revision, Weight } from '../src/domain/weight.ts';
import type { Population } from './population.ts';

const MINUTES = PERIOD_MS / UNIT_MS;

/** What an answer was to the person who asked; several at once, as bits in the order of `FLAWS`. */
export const FLAW_BITS: Readonly<Record<Flaw, number>> = { failed: 1, slow: 2, rejected: 4, invalid: 8 };
/** Its content was looked at. */
export const CHECKED = 16;
const SEEN = 32;
const ANY_FLAW = 15;

type Period = {
  readonly period: number;
  readonly users: number[];
  readonly flawed: Record<Flaw, number[]>;
  readonly judged: Record<Flaw | 'users' | 'checked', number[]>;
};
type Growing = Omit<Evidence, 'requests' | 'units' | 'misplaced' | 'periods'> & {
  readonly requests: Record<Side, number>;
  readonly units: Record<Side, Record<Flaw | 'units' | 'checked', number>>;
  misplaced: number;
  periods: readonly Period[];
};

/** One edge's evidence of people who ask it, by the rules of `Evidence`; made for millions of requests a second. */
export class SimulatedEdge {
  readonly #population: Population;
  readonly #most: { readonly users: number; readonly flawed: number };
  readonly #isNew: Uint8Array;
  readonly #unitOf: Int32Array;
  readonly #unitMet: Uint8Array;
  readonly #periodOf: Int32Array;
  readonly #periodMet: Uint8Array;
  readonly #judgedMet: Uint8Array;
  #evidence: Growing;
  #since = 0;
  #isEverybody = false;
  /** Grows with everything that may turn a verdict into a failure: below 100 %, user-minutes cannot. */
  flawsMet = 0;

  /** @param isBounded keeps no more hashes than an edge does */
  constructor(population: Population, isBounded = true) {
    const users = population.hashes.length;
    this.#most = isBounded ? { users: MOST_USERS, flawed: MOST_FLAWED } : { users: Infinity, flawed: Infinity };
    this.#population = population;
    this.#isNew = new Uint8Array(users);
    this.#unitOf = new Int32Array(users);
    this.#unitMet = new Uint8Array(users);
    this.#periodOf = new Int32Array(users);
    this.#periodMet = new Uint8Array(users);
    this.#judgedMet = new Uint8Array(users);
    this.#evidence = noEvidence(0 as Revision);
  }

  /** Live: it grows with what is seen. */
  get evidence(): Evidence {
    return this.#evidence;
  }

  beginEpoch(epoch: Revision, since: number, weight: Weight): void {
    this.#evidence = noEvidence(epoch);
    this.#since = since;
    this.#isEverybody = weight === EVERYBODY;
    this.#unitOf.fill(-1);
    this.#periodOf.fill(-1);
    const { hashes } = this.#population;
    for (const [user, hash] of hashes.entries()) this.#isNew[user] = sideOfHash(hash, weight) === 'new' ? 1 : 0;
  }

  isOnNewSide(user: number): boolean {
    return this.#isNew[user] === 1;
  }

  misplace(): void {
    this.#evidence.misplaced++;
  }

  /** @param met bits of `FLAW_BITS` and `CHECKED` @param now milliseconds */
  see(user: number, met: number, now: number): void {
    const side: Side = this.#isNew[user] === 1 ? 'new' : 'old';
    const { period, unit } = periodOf(now, this.#since);
    this.#evidence.requests[side]++;
    this.#countUnit(user, met, side, unit);
    const current = this.#periodAt(period);
    this.#countPeriod(user, met, current);
    if (side === 'new' && this.#population.judgedMinutes[user] === unit % MINUTES)
      this.#countJudged(user, met, current);
  }

  #countUnit(user: number, met: number, side: Side, unit: number): void {
    const units = this.#evidence.units[side];
    if (this.#unitOf[user] !== unit) {
      this.#unitOf[user] = unit;
      this.#unitMet[user] = 0;
      units.units++;
    }
    const fresh = met & ~this.#unitMet[user]!;
    if (fresh === 0) return;
    this.#unitMet[user]! |= fresh;
    if (fresh & CHECKED) units.checked++;
    for (const flaw of FLAWS) if (fresh & FLAW_BITS[flaw]) units[flaw]++;
    if (this.#isEverybody && fresh & ANY_FLAW) this.flawsMet++;
  }

  #countPeriod(user: number, met: number, current: Period): void {
    const hash = this.#population.hashes[user]!;
    if (this.#periodOf[user] !== current.period) {
      this.#periodOf[user] = current.period;
      this.#periodMet[user] = 0;
      this.#judgedMet[user] = 0;
      push(current.users, hash, this.#most.users);
    }
    const fresh = met & ~this.#periodMet[user]!;
    if (fresh === 0) return;
    this.#periodMet[user]! |= fresh;
    for (const flaw of FLAWS) if (fresh & FLAW_BITS[flaw]) push(current.flawed[flaw], hash, this.#most.flawed);
    if (fresh & ANY_FLAW) this.flawsMet++;
  }

  #countJudged(user: number, met: number, { judged }: Period): void {
    const fresh = (met | SEEN) & ~this.#judgedMet[user]!;
    if (fresh === 0) return;
    this.#judgedMet[user]! |= fresh;
    const hash = this.#population.hashes[user]!;
    if (fresh & SEEN) push(judged.users, hash, this.#most.users);
    if (fresh & CHECKED) push(judged.checked, hash, this.#most.users);
    for (const flaw of FLAWS) if (fresh & FLAW_BITS[flaw]) push(judged[flaw], hash, this.#most.users);
    if (fresh & ANY_FLAW) this.flawsMet++;
  }

  #periodAt(number: number): Period {
    const { periods } = this.#evidence;
    const last = periods.at(-1);
    if (last?.period === number) return last;
    const period = { period: number, users: [], flawed: noPeople(), judged: { ...noPeople(), users: [], checked: [] } };
    this.#evidence.periods = [...(last ? [last] : []), period];
    return period;
  }
}

function noEvidence(epoch: Revision): Growing {
  const none = () => ({ units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 });
  const evidence = { epoch, requests: { old: 0, new: 0 }, units: { old: none(), new: none() }, misplaced: 0 };
  return { ...evidence, unverified: { old: 0, new: 0 }, periods: [], custom: {} };
}

function noPeople(): Record<Flaw, number[]> {
  return { failed: [], slow: [], rejected: [], invalid: [] };
}

function push(list: number[], hash: number, most: number): void {
  if (list.length < most) list.push(hash);
}
