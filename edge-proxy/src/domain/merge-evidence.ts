import { FLAWS } from './evidence.ts';
import type { CustomGrowth, Evidence, Flaw, PeriodEvidence, UnitCounts } from './evidence.ts';
import { mergeHashes } from './merge-hashes.ts';
import type { Side } from './split.ts';

const KEPT_PERIODS = 2;

/**
 * What several edges saw, as one: of the latest epoch among them. Counts are added; people are told apart by their hash, so
 * that who met several edges counts once. The last two periods that anybody saw are kept. Counters of custom gates are watched
 * by one edge after the other: what they grew meanwhile adds up, too.
 *
 * @returns undefined if there is nothing to merge
 */
export function mergeEvidence(all: readonly Evidence[]): Evidence | undefined {
  const epoch = all.reduce<number>((latest, each) => Math.max(latest, each.epoch), -1);
  const [first, ...others] = all.filter((each) => each.epoch === epoch);
  if (!first || others.length === 0) return first;
  const seen = [first, ...others];
  return {
    epoch: first.epoch,
    requests: mergedSides(seen, ({ requests }) => requests),
    units: { old: mergedUnits(seen, 'old'), new: mergedUnits(seen, 'new') },
    misplaced: sum(seen, ({ misplaced }) => misplaced),
    unverified: mergedSides(seen, ({ unverified }) => unverified),
    periods: mergedPeriods(seen.flatMap(({ periods }) => periods)),
    custom: mergedCustom(seen),
  };
}

function sum(seen: readonly Evidence[], count: (evidence: Evidence) => number): number {
  return seen.reduce((total, evidence) => total + count(evidence), 0);
}

function mergedSides(
  seen: readonly Evidence[],
  of: (evidence: Evidence) => Readonly<Record<Side, number>>,
): Record<Side, number> {
  return { old: sum(seen, (each) => of(each).old), new: sum(seen, (each) => of(each).new) };
}

function mergedUnits(seen: readonly Evidence[], side: Side): UnitCounts {
  const of = (name: keyof UnitCounts) => sum(seen, ({ units }) => units[side][name]);
  return { units: of('units'), checked: of('checked'), ...eachFlaw(of) };
}

function mergedPeriods(all: readonly PeriodEvidence[]): PeriodEvidence[] {
  const numbers = [...new Set(all.map(({ period }) => period))].sort((a, b) => a - b).slice(-KEPT_PERIODS);
  return numbers.map((period) => {
    const seen = all.filter((each) => each.period === period);
    const judged = (name: Flaw | 'users' | 'checked') => mergeHashes(seen.map((each) => each.judged[name]));
    return {
      period,
      users: mergeHashes(seen.map(({ users }) => users)),
      flawed: eachFlaw((flaw) => mergeHashes(seen.map(({ flawed }) => flawed[flaw]))),
      judged: { users: judged('users'), checked: judged('checked'), ...eachFlaw(judged) },
    };
  });
}

function mergedCustom(seen: readonly Evidence[]): Evidence['custom'] {
  const merged: Record<string, CustomGrowth> = {};
  for (const [gate, growth] of seen.flatMap(({ custom }) => Object.entries(custom))) {
    const before = merged[gate];
    merged[gate] = before ? addedUp(before, growth) : growth;
  }
  return merged;
}

function addedUp(one: CustomGrowth, other: CustomGrowth): CustomGrowth {
  const lastPeriod = Math.max(one.lastPeriod ?? 0, other.lastPeriod ?? 0);
  return { bad: one.bad + other.bad, total: one.total + other.total, ...(lastPeriod > 0 && { lastPeriod }) };
}

function eachFlaw<T>(of: (flaw: Flaw) => T): Record<Flaw, T> {
  return Object.fromEntries(FLAWS.map((flaw) => [flaw, of(flaw)])) as Record<Flaw, T>;
}
