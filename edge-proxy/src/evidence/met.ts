import { FLAWS } from '../domain/evidence.ts';
import type { Flaw } from '../domain/evidence.ts';

/** What a person met, one bit for each thing: it is added to at every request, so sets of names would be too dear. */
export type Met = number;

export const NOTHING: Met = 0;
export const FAILED: Met = 1;
export const SLOW: Met = 2;
export const REJECTED: Met = 4;
export const INVALID: Met = 8;
/** An answer's content was looked at. */
export const CHECKED: Met = 16;
/** A request was counted; part of everything that is kept. */
export const SEEN: Met = 32;

const BIT: Readonly<Record<Flaw, Met>> = { failed: FAILED, slow: SLOW, rejected: REJECTED, invalid: INVALID };

/** Whether any flaw is among it. */
export const ANY_FLAW: Met = FLAWS.reduce((all, flaw) => all | BIT[flaw], NOTHING);

export function hasMet(met: Met, flaw: Flaw): boolean {
  return (met & BIT[flaw]) !== 0;
}
