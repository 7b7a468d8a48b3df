import { isAboveFourSigma } from './statistics/binomial-tails.ts';
import { logShareEvidence } from './statistics/share-evidence.ts';
import type { Verdict } from './gate-verdict.ts';
import { EVERYBODY, NOBODY } from './weight.ts';

/** How probable it may be that a ramp of two equal sides is ever rolled back, all its gates and steps together. */
export const RAMP_ALPHA = 0.01;
/** What can roll a ramp back, besides custom gates. */
export const BUILT_IN_FAILING_GATES = 7;

/** The share of `RAMP_ALPHA` that one test may use up. */
export type Budget = {
  readonly alpha: number;
  /** Of the plan. */
  readonly steps: number;
  /** That can roll back, custom ones included. */
  readonly gates: number;
  /** That share the gate's part. */
  readonly tests: number;
  /** Of the epoch, from 1; 0: one test for the whole epoch. */
  readonly period: number;
};

/** Where a flaw shows only in the content of answers. */
export type ContentNumbers = {
  /** User-minutes of both sides in which content was looked at. */
  readonly checked: number;
  /** 1 if the route has rules for content that are switched on, else 0. */
  readonly checksContent: number;
};

/** Where a flaw shows in how a request ended: requests that were not served well, of people or of forgers. Absent: none. */
export type UnverifiedNumbers = {
  readonly unverifiedNew: number;
  readonly unverifiedOld: number;
};

/** Where a gate is about people. Absent: they are judged. */
export type PeopleNumbers = {
  /** 0 if the plan is judged by its custom gates alone. */
  readonly judgesPeople: number;
};

/** "Of those who met a flaw, how many are on the new side?", in the period that speaks most against it. */
export type RelativeNumbers = Budget & {
  readonly weightHundredths: number;
  readonly flawedPeople: number;
  readonly flawedPeopleNew: number;
  readonly usersNew: number;
  readonly usersOld: number;
  readonly minimumUsers: number;
} & Partial<ContentNumbers & UnverifiedNumbers & PeopleNumbers>;

/** "What share of the new side met a flaw?" */
export type AbsoluteNumbers = Budget & {
  readonly weightHundredths: number;
  readonly limitPercent: number;
  /** What the e-value is of: people in their judged minute of the period; without a period, the epoch's user-minutes. */
  readonly judged: number;
  readonly judgedFlawed: number;
  /** User-minutes of the new side since the epoch began (of `invalid`: those looked at). */
  readonly units: number;
  readonly unitsFlawed: number;
  readonly usersNew: number;
  readonly minimumUsers: number;
} & Partial<ContentNumbers & UnverifiedNumbers & PeopleNumbers>;

/** "What share of the requests was bad?", of a pair of counters since the epoch began. */
export type CustomNumbers = Budget & {
  readonly weightHundredths: number;
  readonly limitPercent: number;
  readonly total: number;
  readonly bad: number;
  /** Requests. */
  readonly minimum: number;
  /** Periods since `total` last grew. Absent: it does not matter, as people are judged, too. */
  readonly silentPeriods?: number;
};

/** What came of it; natural logarithms. `logEValue` at least `logNeeded`: fail. */
export type Outcome = { readonly logEValue: number; readonly logNeeded: number };

/** Stands for "beyond all numbers", which JSON cannot say. */
const MOST_LOG_E_VALUE = 1e9;

/**
 * ln(1/α) of one test. A ramp's α is divided evenly over steps and gates. A period k of an epoch gets 6/(π²k²) of that, which
 * adds up to one over all periods (Euler), so that by the union bound no period need be independent of another one.
 */
export function logNeeded({ alpha, steps, gates, tests, period }: Budget): number {
  const periods = period === 0 ? 1 : (Math.PI * period) ** 2 / 6;
  return Math.log((steps * gates * tests * periods) / alpha);
}

/**
 * Under "the side makes no difference to anybody", each of the flawed is on the new side with the weight's probability. Each
 * request that could not be verified on the old side may have been one more of them.
 */
export function relativeOutcome(numbers: RelativeNumbers): Outcome {
  const { flawedPeople, flawedPeopleNew, unverifiedOld = 0 } = numbers;
  const tally = { successes: flawedPeopleNew, trials: flawedPeople + unverifiedOld };
  return outcome(numbers, logShareEvidence(tally, numbers.weightHundredths / EVERYBODY));
}

export function absoluteOutcome(numbers: AbsoluteNumbers): Outcome {
  const tally = { successes: numbers.judgedFlawed, trials: numbers.judged };
  return outcome(numbers, logShareEvidence(tally, numbers.limitPercent / 100));
}

export function customOutcome(numbers: CustomNumbers): Outcome {
  const tally = { successes: numbers.bad, trials: numbers.total };
  return outcome(numbers, logShareEvidence(tally, numbers.limitPercent / 100));
}

export function relativeVerdict(numbers: RelativeNumbers): Verdict {
  const { weightHundredths, usersNew, usersOld, minimumUsers } = numbers;
  if (isUnjudged(numbers) || isUncheckable(numbers)) return 'not-applicable';
  if (weightHundredths === NOBODY || weightHundredths === EVERYBODY) return 'not-applicable';
  if (isReached(relativeOutcome(numbers))) return isLopsided(numbers) ? 'not-enough-data' : 'fail';
  if (isHardlyChecked(numbers) || mayHideFlaws(numbers)) return 'not-enough-data';
  return usersNew >= minimumUsers && usersOld > 0 ? 'pass' : 'not-enough-data';
}

/**
 * Whether more people of the new side are seen than the weight explains (only they ask, say): then more of the flawed are
 * theirs, too, whatever the side does.
 */
export function isLopsided({ usersNew, usersOld, weightHundredths }: RelativeNumbers): boolean {
  return isAboveFourSigma({ successes: usersNew, trials: usersNew + usersOld }, weightHundredths / EVERYBODY);
}

export function absoluteVerdict(numbers: AbsoluteNumbers): Verdict {
  const { weightHundredths, usersNew, minimumUsers, units } = numbers;
  if (weightHundredths === NOBODY || isUnjudged(numbers) || isUncheckable(numbers)) return 'not-applicable';
  if (isReached(absoluteOutcome(numbers))) return 'fail';
  if (usersNew < minimumUsers || units < minimumUsers) return 'not-enough-data';
  return isAboveLimit(numbers) || mayBeAboveLimit(numbers) ? 'not-enough-data' : 'pass';
}

export function customVerdict(numbers: CustomNumbers): Verdict {
  const { weightHundredths, total, bad, minimum, limitPercent } = numbers;
  if (weightHundredths === NOBODY) return 'not-applicable';
  if (isReached(customOutcome(numbers))) return 'fail';
  if (total < minimum || isSilent(numbers)) return 'not-enough-data';
  return bad * 100 <= limitPercent * total ? 'pass' : 'not-enough-data';
}

/** Whether the plan has its custom gates judge alone. */
export function isUnjudged({ judgesPeople }: Partial<PeopleNumbers>): boolean {
  return judgesPeople === 0;
}

/** Whether nothing was counted in this period and the one before: what was good once says nothing of now. */
export function isSilent({ silentPeriods = 0 }: Pick<CustomNumbers, 'silentPeriods'>): boolean {
  return silentPeriods > 1;
}

/** Whether there are no rules for content, and so nothing to judge. */
export function isUncheckable({ checked, checksContent }: Partial<ContentNumbers>): boolean {
  return checked === 0 && checksContent !== 1;
}

/** Whether content is to be judged of which too little was looked at. */
export function isHardlyChecked({ checked, minimumUsers }: Pick<RelativeNumbers, 'checked' | 'minimumUsers'>): boolean {
  return checked !== undefined && checked < minimumUsers;
}

/** Whether the share so far is more than the limit allows, proven or not. */
export function isAboveLimit({ units, unitsFlawed, limitPercent }: AbsoluteNumbers): boolean {
  return unitsFlawed * 100 > limitPercent * units;
}

/** Whether it would be, were those flaws that could not be verified. */
export function mayBeAboveLimit(numbers: AbsoluteNumbers): boolean {
  const { unitsFlawed, unverifiedNew = 0 } = numbers;
  return unverifiedNew > 0 && isAboveLimit({ ...numbers, unitsFlawed: unitsFlawed + unverifiedNew });
}

/** Whether anything could not be verified, on whichever side. */
export function mayHideFlaws({ unverifiedNew = 0, unverifiedOld = 0 }: Partial<UnverifiedNumbers>): boolean {
  return unverifiedNew + unverifiedOld > 0;
}

function outcome(budget: Budget, logEValue: number): Outcome {
  return { logEValue: Math.min(MOST_LOG_E_VALUE, logEValue), logNeeded: logNeeded(budget) };
}

function isReached({ logEValue, logNeeded }: Outcome): boolean {
  return logEValue >= logNeeded;
}
