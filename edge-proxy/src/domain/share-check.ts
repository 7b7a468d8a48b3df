import { isWithinFourSigma } from './statistics/binomial-tails.ts';
import type { GateVerdict, Verdict } from './gate-verdict.ts';
import { isUnjudged } from './judge-numbers.ts';
import type { PeopleNumbers } from './judge-numbers.ts';
import { UNJUDGED, count, percent } from './judge-sentences.ts';
import { EVERYBODY, NOBODY } from './weight.ts';
import type { Weight } from './weight.ts';

/** Name of the gate that says whether people are split as they should be. It blocks a ramp and never rolls it back. */
export const SHARE_GATE = 'share';

/** What the share check looks at. */
export type ShareNumbers = {
  readonly weightHundredths: number;
  /** Requests on a side that is not their hash's, without a reason. */
  readonly misplaced: number;
  /** People of the last two periods. */
  readonly usersNew: number;
  readonly usersOld: number;
} & Partial<PeopleNumbers>;

/**
 * Whether everybody is on the side of his hash, and people (not requests: people are hashed once and differ in traffic) are
 * split as the weight says, as far as chance within 4 σ allows.
 */
export function checkShare(weight: Weight, people: Omit<ShareNumbers, 'weightHundredths'>): GateVerdict {
  const numbers: ShareNumbers = { weightHundredths: weight, ...people };
  const verdict = shareVerdict(numbers);
  return { gate: SHARE_GATE, verdict, sentence: `${SHARE_GATE}: ${sentenceOf(verdict, numbers)}`, numbers };
}

export function shareVerdict(numbers: ShareNumbers): Verdict {
  const { weightHundredths, misplaced, usersNew, usersOld } = numbers;
  if (isUnjudged(numbers)) return 'not-applicable';
  if (misplaced > 0) return 'fail';
  if (weightHundredths === NOBODY) return 'not-applicable';
  if (weightHundredths === EVERYBODY) return usersNew > 0 ? 'pass' : 'not-enough-data';
  const tally = { successes: usersNew, trials: usersNew + usersOld };
  if (!isWithinFourSigma(tally, weightHundredths / EVERYBODY)) return 'fail';
  return usersNew > 0 && usersOld > 0 ? 'pass' : 'not-enough-data';
}

function sentenceOf(verdict: Verdict, numbers: ShareNumbers): string {
  const { weightHundredths, misplaced, usersNew, usersOld } = numbers;
  if (isUnjudged(numbers)) return UNJUDGED;
  const share = `${percent(weightHundredths / EVERYBODY)} should be`;
  const people = count(usersNew + usersOld, 'person', 'people');
  if (misplaced > 0) {
    return `mis-split: ${count(misplaced, 'request was', 'requests were')} answered by the side that is not the user's`;
  }
  if (verdict === 'not-applicable') return 'nobody is on the new side';
  if (usersNew + usersOld === 0) return 'nobody was seen';
  if (weightHundredths === EVERYBODY) return `all ${people} seen are on the new side`;
  const split = `of ${people} seen, ${usersNew} ${usersNew === 1 ? 'is' : 'are'} on the new side; ${share}`;
  if (verdict === 'fail') return `mis-split: ${split}, and chance does not explain the difference (4 sigma)`;
  if (verdict === 'pass') return split;
  return `one-sided traffic: nobody on the ${usersNew === 0 ? 'new' : 'old'} side; ${split}`;
}
