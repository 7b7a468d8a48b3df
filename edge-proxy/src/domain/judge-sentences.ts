import { proportionBounds } from './statistics/proportion-bounds.ts';
import {
  isAboveLimit,
  isHardlyChecked,
  isLopsided,
  isSilent,
  isUncheckable,
  isUnjudged,
  mayBeAboveLimit,
  mayHideFlaws,
} from './judge-numbers.ts';
import type {
  AbsoluteNumbers,
  ContentNumbers,
  CustomNumbers,
  Outcome,
  PeopleNumbers,
  RelativeNumbers,
  UnverifiedNumbers,
} from './judge-numbers.ts';
import type { Flaw } from './evidence.ts';
import type { Verdict } from './gate-verdict.ts';

const MET: Readonly<Record<Flaw, string>> = {
  failed: 'were failed',
  slow: 'had to wait',
  rejected: 'were rejected',
  invalid: 'got a wrong answer',
};
const LARGEST_WRITTEN = 1e9;

/** What a relative gate saw, without its name. */
export function relativeSentence(flaw: Flaw, verdict: Verdict, numbers: RelativeNumbers & Outcome): string {
  const { weightHundredths, flawedPeople, flawedPeopleNew, period } = numbers;
  if (verdict === 'not-applicable') return notApplicable(numbers);
  const who = `of ${count(flawedPeople, 'person', 'people')} who ${MET[flaw]} in period ${period}`;
  const chance = `by chance ${percent(weightHundredths / 10_000)}`;
  const seen = `${who}, ${grouped(flawedPeopleNew)} on the new side (${chance}); ${evidenceSentence(numbers)}`;
  if (verdict !== 'not-enough-data') return seen;
  if (isLopsided(numbers)) return `${seen}; but far more of all people are there than should be`;
  return `${seen}; ${mayHideFlaws(numbers) ? unverified(numbers) : missingPeople(numbers)}`;
}

/** What an absolute gate saw, without its name. */
export function absoluteSentence(verdict: Verdict, numbers: AbsoluteNumbers & Outcome): string {
  const { limitPercent, units, unitsFlawed, judged, judgedFlawed, period } = numbers;
  if (verdict === 'not-applicable') return notApplicable(numbers);
  const all = `${grouped(unitsFlawed)} of ${count(units, 'user-minute', 'user-minutes')} on the new side`;
  const share = units > 0 ? ` (${estimated({ successes: unitsFlawed, trials: units })})` : '';
  const part = period === 0 ? '' : `; ${judgedFlawed} of ${judged} people judged in period ${period}`;
  const seen = `${all}${share}, limit ${limitPercent} %${part}; ${evidenceSentence(numbers)}`;
  if (verdict !== 'not-enough-data') return seen;
  if (isAboveLimit(numbers)) return `${seen}; above the limit, not yet proven`;
  return `${seen}; ${mayBeAboveLimit(numbers) ? unverified(numbers) : missingPeople(numbers)}`;
}

/** What a custom gate saw, without its name. */
export function customSentence(verdict: Verdict, numbers: CustomNumbers & Outcome): string {
  const { limitPercent, total, bad, minimum } = numbers;
  if (verdict === 'not-applicable') return notApplicable(numbers);
  const share = total > 0 ? ` (${percent(bad / total)})` : '';
  const seen = `${grouped(bad)} of ${count(total, 'request', 'requests')} bad${share}, limit ${limitPercent} %`;
  const said = `${seen}; ${evidenceSentence(numbers)}`;
  if (verdict !== 'not-enough-data') return said;
  if (total < minimum) return `${said}; at least ${minimum} requests are needed`;
  if (isSilent(numbers)) return `${said}; nothing was counted in the last two periods`;
  return `${said}; above the limit, not yet proven`;
}

/** Why a gate about people says nothing. */
export const UNJUDGED = 'not applicable: the plan is judged by its custom gates alone';

/** `1 person`, `1,234 people` */
export function count(amount: number, one: string, many: string): string {
  return `${grouped(amount)} ${amount === 1 ? one : many}`;
}

/** Of 0–1: `0.73 %`, `12.5 %`, `100 %` */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(share < 0.0995 ? 2 : 1))} %`;
}

function notApplicable(numbers: { weightHundredths: number } & Partial<ContentNumbers & PeopleNumbers>): string {
  if (isUnjudged(numbers)) return UNJUDGED;
  if (isUncheckable(numbers)) return 'not applicable: no content is checked';
  return `not applicable at ${percent(numbers.weightHundredths / 10_000)}`;
}

type People = Pick<RelativeNumbers, 'usersNew' | 'minimumUsers' | 'checked'> & { usersOld?: number };

function missingPeople(numbers: People): string {
  const { usersNew, usersOld, minimumUsers } = numbers;
  if (isHardlyChecked(numbers))
    return `content was looked at in ${numbers.checked} of ${minimumUsers} user-minutes needed`;
  if (usersNew >= minimumUsers && usersOld === 0) return 'nobody on the old side to compare with';
  if (usersNew >= minimumUsers) return `${minimumUsers} user-minutes are needed`;
  return `${usersNew} of ${minimumUsers} people needed on the new side`;
}

function unverified({ unverifiedNew = 0, unverifiedOld = 0 }: Partial<UnverifiedNumbers>): string {
  const others = unverifiedOld > 0 ? ` and ${grouped(unverifiedOld)} on the old one` : '';
  const requests = `${count(unverifiedNew, 'request', 'requests')} on the new side${others}`;
  return `${requests} failed whose tokens this edge cannot verify: JWKS_URL, JWT_ISSUER, JWT_AUDIENCE`;
}

function evidenceSentence({ logEValue, logNeeded }: Outcome): string {
  return `e-value ${written(logEValue)} of ${written(logNeeded)} needed`;
}

/** A number of which the logarithm is known. */
function written(log: number): string {
  if (log > Math.log(LARGEST_WRITTEN)) return `over ${grouped(LARGEST_WRITTEN)}`;
  const value = Math.exp(log);
  return value < 10 ? String(Number(value.toFixed(1))) : grouped(Math.round(value));
}

function estimated(tally: { successes: number; trials: number }): string {
  const { lower, upper } = proportionBounds({ ...tally, alpha: 0.01 });
  const from = percent(lower).slice(0, -2);
  return `${percent(tally.successes / tally.trials)}; ${from}–${percent(upper)} with 99 % confidence`;
}

function grouped(amount: number): string {
  const [whole, fraction] = String(Number(amount.toFixed(2))).split('.');
  const thousands = whole!.length <= 3 ? whole! : whole!.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
}
