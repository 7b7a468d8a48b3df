import type { ParityReport } from './parity.ts';
import type { Condition, RetirementTerms, RouteFacts } from './retirement.ts';
import type { RouteState } from './route-state.ts';
import { proportionBounds } from './statistics/proportion-bounds.ts';
import { EVERYBODY } from './weight.ts';

export type RetirementInput = {
  terms: RetirementTerms;
  weight: RouteState['weight'];
  /** Since when it has been at 100 %, milliseconds since the epoch; undefined if it is not. */
  fullSince: number | undefined;
  facts: RouteFacts;
  parity: Pick<ParityReport, 'compared' | 'differing'>;
  now: number;
};

const DAY_MS = 86_400_000;
/** A counter of the old side that was not read for longer was not watched. */
export const LONGEST_GAP_MS = 600_000;
/** Of what is said of parity. */
const PARITY_ALPHA = 0.01;

/** Whether the old code may go: every condition, met or not, with its evidence. What nobody watched is not met. */
export function checkRetirement(input: RetirementInput): Condition[] {
  return [full(input), unused(input), parityProven(input), drilled(input)];
}

function full({ terms, weight, fullSince, now }: RetirementInput): Condition {
  const wanted = `wanted: 100 % for ${daysText(terms.fullDays * DAY_MS)}`;
  if (weight !== EVERYBODY || fullSince === undefined) {
    return { name: 'full', met: false, evidence: `the weight is ${weight / 100} %; ${wanted}` };
  }
  const forMs = now - fullSince;
  const evidence = `at 100 % since ${at(fullSince)}, ${daysText(forMs)}; ${wanted}`;
  return { name: 'full', met: forMs >= terms.fullDays * DAY_MS, evidence };
}

/** Each way by which the old side may have been used, with when it was last. */
function unused({ terms, facts, now }: RetirementInput): Condition {
  const wantedMs = terms.unusedDays * DAY_MS;
  const ways = [
    ['by weight', facts.servedByWeight],
    ['as fallback', facts.servedByFallback],
    ['for a tester', facts.servedByOverride],
    ['called past the edge', facts.calledDirectly],
  ] as const;
  const isSeen = facts.directSeenAt !== undefined && now - facts.directSeenAt <= LONGEST_GAP_MS;
  const watchedSince = terms.directCalls ? later(facts.watchedSince, facts.directWatchedSince) : facts.watchedSince;
  const lastUse = Math.max(...ways.map(([, last]) => last ?? -Infinity));
  const isWatchedLongEnough = watchedSince !== undefined && now - watchedSince >= wantedMs;
  const parts = ways.map(([way, last]) => `${way}: ${last === undefined ? 'never seen' : `last ${at(last)}`}`);
  if (terms.directCalls === undefined) parts[3] = 'called past the edge: not watched (retire.directCalls is not set)';
  else if (!isSeen) parts[3] = `called past the edge: ${unseen(terms.directCalls.counter, facts.directSeenAt)}`;
  const watched = watchedSince === undefined ? 'not watched yet' : `watched since ${at(watchedSince)}`;
  return {
    name: 'unused',
    met: terms.directCalls !== undefined && isSeen && isWatchedLongEnough && now - lastUse >= wantedMs,
    evidence: `the old side served ${parts.join('; ')}; ${watched}; wanted: unused for ${daysText(wantedMs)}`,
  };
}

function unseen(counter: string, seenAt: number | undefined): string {
  return `not watched (${counter} ${seenAt === undefined ? 'could not be read yet' : `was last read ${at(seenAt)}`})`;
}

function parityProven({ terms, parity: { compared, differing } }: RetirementInput): Condition {
  const wanted = `wanted: at most ${terms.maxDifferingPercent} %`;
  if (compared === 0) return { name: 'parity', met: false, evidence: `no answers were compared; ${wanted}` };
  const { upper } = proportionBounds({ successes: differing, trials: compared, alpha: PARITY_ALPHA });
  const bound = roundedUp(upper * 100);
  return {
    name: 'parity',
    met: upper * 100 <= terms.maxDifferingPercent,
    evidence:
      `${compared.toLocaleString('en')} compared, ${differing.toLocaleString('en')} unexplained, ` +
      `at most ${bound} % with 99 % confidence; ${wanted}`,
  };
}

function drilled({ terms, facts: { drilledAt, drillMs }, now }: RetirementInput): Condition {
  const wanted = `wanted: within ${daysText(terms.drilledDays * DAY_MS)}`;
  if (drilledAt === undefined) return { name: 'drilled', met: false, evidence: `no rollback was drilled; ${wanted}` };
  const took = drillMs === undefined ? '' : `, took ${Math.round(drillMs)} ms`;
  return {
    name: 'drilled',
    met: now - drilledAt <= terms.drilledDays * DAY_MS,
    evidence: `a rollback was drilled ${at(drilledAt)}${took}; ${wanted}`,
  };
}

/** To two digits, so that what is promised is not less than what is known. */
function roundedUp(percent: number): number {
  const unit = 10 ** (Math.floor(Math.log10(percent)) - 1);
  return Number((Math.ceil(percent / unit - 1e-9) * unit).toPrecision(2));
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}

function at(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function daysText(ms: number): string {
  const days = Math.floor((ms / DAY_MS) * 10) / 10;
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}
