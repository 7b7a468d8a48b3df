import { FLAWS } from '../domain/evidence.ts';
import type { UnitCounts } from '../domain/evidence.ts';
import { CHECKED, SEEN, hasMet } from './met.ts';
import type { Met } from './met.ts';

/** Beyond so many people in a minute, one who is new counts no more: with all that they meet, so no share is skewed. */
const MOST_PEOPLE = 200_000;

/** Each person of one side once a minute, with the worst so far: flaws are only added, each at once and once. */
export class UnitTally {
  readonly #mostPeople: number;
  readonly #counts = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };
  readonly #minutes = new Map<number, Map<number, Met>>();

  constructor(mostPeople = MOST_PEOPLE) {
    this.#mostPeople = mostPeople;
  }

  /**
   * @param person as a 32-bit integer, whatever its sign: those are small in a map
   * @returns whether anything of it is new
   */
  add(person: number, minute: number, met: Met): boolean {
    let people = this.#minutes.get(minute);
    if (people === undefined) this.#minutes.set(minute, (people = new Map()));
    const before = people.get(person) ?? 0;
    if (before === 0 && people.size >= this.#mostPeople) return false;
    const after = before | met | SEEN;
    if (after === before) return false;
    people.set(person, after);
    this.#count(after & ~before);
    return true;
  }

  /** Forgets who was seen in other minutes than these; what they met stays counted. */
  keep(first: number, last: number): void {
    for (const minute of this.#minutes.keys()) if (minute < first || minute > last) this.#minutes.delete(minute);
  }

  get counts(): UnitCounts {
    return { ...this.#counts };
  }

  #count(met: Met): void {
    const counts = this.#counts;
    if ((met & SEEN) !== 0) counts.units++;
    if ((met & CHECKED) !== 0) counts.checked++;
    for (const flaw of FLAWS) if (hasMet(met, flaw)) counts[flaw]++;
  }
}
