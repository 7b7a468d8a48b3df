import { FLAWS, MOST_FLAWED, MOST_USERS, isJudgedMinute } from '../domain/evidence.ts';
import type { Flaw, PeriodEvidence } from '../domain/evidence.ts';
import type { Side } from '../domain/split.ts';
import { ANY_FLAW, CHECKED, hasMet } from './met.ts';
import type { Met } from './met.ts';

/** The first people of a period, and what they met; people are 32-bit integers, whatever their sign. */
export class PeriodTally {
  readonly #users = new Set<number>();
  readonly #flawed = ofFlaws();
  readonly #judged = { ...ofFlaws(), users: new Set<number>(), checked: new Set<number>() };

  /** @param minute of the epoch, from 0 */
  add(person: number, side: Side, minute: number, met: Met): void {
    put(this.#users, person, MOST_USERS);
    if ((met & ANY_FLAW) !== 0) {
      for (const flaw of FLAWS) if (hasMet(met, flaw)) put(this.#flawed[flaw], person, MOST_FLAWED);
    }
    if (side === 'new' && isJudgedMinute(person, minute)) this.#judge(person, met);
  }

  evidence(period: number): PeriodEvidence {
    return { period, users: hashes(this.#users), flawed: lists(this.#flawed), judged: lists(this.#judged) };
  }

  /** Of those that are judged, all is told; of the others, nothing. */
  #judge(person: number, met: Met): void {
    const judged = this.#judged;
    put(judged.users, person, MOST_USERS);
    if ((met & (ANY_FLAW | CHECKED)) === 0 || !judged.users.has(person)) return;
    if ((met & CHECKED) !== 0) judged.checked.add(person);
    for (const flaw of FLAWS) if (hasMet(met, flaw)) judged[flaw].add(person);
  }
}

function ofFlaws(): Record<Flaw, Set<number>> {
  return { failed: new Set(), slow: new Set(), rejected: new Set(), invalid: new Set() };
}

function put(people: Set<number>, person: number, most: number): void {
  if (people.size < most) people.add(person);
}

function lists<Name extends string>(sets: Readonly<Record<Name, ReadonlySet<number>>>): Record<Name, number[]> {
  const entries = Object.entries<ReadonlySet<number>>(sets).map(([name, people]) => [name, hashes(people)]);
  return Object.fromEntries(entries) as Record<Name, number[]>;
}

function hashes(people: ReadonlySet<number>): number[] {
  return Array.from(people, (person) => person >>> 0);
}
