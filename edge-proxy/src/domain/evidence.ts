import type { Side } from './split.ts';
import type { Revision } from './weight.ts';

/**
 * What people met, as it is judged. People are told apart by the hash that puts them on a side (`hashOf`), so that what
 * several edges saw of one person counts once.
 */

/** A stretch of time in which each person counts once; from the epoch's beginning. */
export const PERIOD_MS = 600_000;
/** A unit of what is judged at 100 %: one person in one minute. From the epoch's beginning. */
export const UNIT_MS = 60_000;

/** Ways in which a person may have been served badly. */
export const FLAWS = ['failed', 'slow', 'rejected', 'invalid'] as const;
/**
 * - `failed`: saved by fallback, 5xx, cut, or 401/403 for a token that verifies;
 * - `slow`: longer than the objective, or still open then;
 * - `rejected`: another 4xx for a token that verifies, or left before the objective;
 * - `invalid`: the answer broke the rules of the route's comparator.
 */
export type Flaw = (typeof FLAWS)[number];

/** People (user-minutes) since the epoch began, each with its worst so far. */
export type UnitCounts = Readonly<Record<Flaw, number>> & {
  readonly units: number;
  /** In which an answer's content was looked at; `invalid` is out of these. */
  readonly checked: number;
};

/** What an edge saw of the people of one period: hashes, none twice, in the order in which they came, so many at most. */
export type PeriodEvidence = {
  /** From 1. */
  readonly period: number;
  /** Of both sides; the first `MOST_USERS`. */
  readonly users: readonly number[];
  /** Of both sides, those who met it; the first `MOST_FLAWED` of each. */
  readonly flawed: Readonly<Record<Flaw, readonly number[]>>;
  /**
   * Of the new side, looked at in one minute of the period alone, the one that their hash picks (`isJudgedMinute`), so that
   * who asks more often counts no more: the first `MOST_USERS`, and which of them met what in that minute.
   */
  readonly judged: Readonly<Record<Flaw | 'users' | 'checked', readonly number[]>>;
};
export const MOST_USERS = 1024;
export const MOST_FLAWED = 256;

/** What one edge saw of a route since the epoch began. */
export type Evidence = {
  /** The revision that brought the weight in force. */
  readonly epoch: Revision;
  /** People's requests on the side of their hash, judged or not. */
  readonly requests: Readonly<Record<Side, number>>;
  readonly units: Readonly<Record<Side, UnitCounts>>;
  /** Requests that were answered by the side that is not their hash's, without a reason such as a fallback. */
  readonly misplaced: number;
  /**
   * Requests of people's sides that were not served well, and count nowhere else: their tokens may be genuine, and the edge
   * that saw them cannot tell. Those for which it had no time to look are not among them.
   */
  readonly unverified: Readonly<Record<Side, number>>;
  /** The current period, and the one before if there was one; oldest first. */
  readonly periods: readonly PeriodEvidence[];
  /** By gate. */
  readonly custom: Readonly<Record<string, CustomGrowth>>;
};

/** Growth of the counters of a custom gate since the epoch began. */
export type CustomGrowth = {
  readonly bad: number;
  readonly total: number;
  /** In which `total` last grew; undefined: not yet. */
  readonly lastPeriod?: number | undefined;
};

/** Which period and minute a moment belongs to, of an epoch that began at `since`; both milliseconds of one clock. */
export function periodOf(now: number, since: number): { period: number; unit: number } {
  const elapsed = Math.max(0, now - since);
  return { period: Math.floor(elapsed / PERIOD_MS) + 1, unit: Math.floor(elapsed / UNIT_MS) };
}

/** Whether this minute of its period is the one in which a person is judged. @param unit of the epoch, from 0 */
export function isJudgedMinute(hash: number, unit: number): boolean {
  const minutes = PERIOD_MS / UNIT_MS;
  return mixed(hash) % minutes === unit % minutes;
}

/** Evens out a hash of which the weight takes the lowest part (the finaliser of MurmurHash3, public domain). */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
