import { FLAWS, periodOf } from './evidence.ts';
import type { Evidence, Flaw, PeriodEvidence } from './evidence.ts';
import type { GateVerdict } from './gate-verdict.ts';
import {
  BUILT_IN_FAILING_GATES,
  RAMP_ALPHA,
  absoluteOutcome,
  absoluteVerdict,
  customOutcome,
  customVerdict,
  relativeOutcome,
  relativeVerdict,
} from './judge-numbers.ts';
import type {
  AbsoluteNumbers,
  Budget,
  ContentNumbers,
  CustomNumbers,
  Outcome,
  PeopleNumbers,
  RelativeNumbers,
  UnverifiedNumbers,
} from './judge-numbers.ts';
import { absoluteSentence, customSentence, relativeSentence } from './judge-sentences.ts';
import { mergeHashes } from './merge-hashes.ts';
import type { CustomGate, RampPlan } from './ramp.ts';
import { checkShare } from './share-check.ts';
import { sideOfHash } from './split.ts';
import { EVERYBODY } from './weight.ts';
import type { Weight } from './weight.ts';

const ABSOLUTE_GATES = ['failed', 'slow', 'invalid'] as const;
type AbsoluteGate = (typeof ABSOLUTE_GATES)[number];

export type Judged = {
  readonly plan: RampPlan;
  /** In force since the epoch began. */
  readonly weight: Weight;
  /** Of this epoch, all edges merged; undefined: nothing was seen. */
  readonly evidence: Evidence | undefined;
  /** When the epoch began; milliseconds of the clock of `now`. */
  readonly sinceMs: number;
  /** Whether the route has rules for the content of answers: without, nobody judges it. */
  readonly checksContent: boolean;
  readonly now: number;
};

/** What all gates of one look share. */
type Look = {
  readonly plan: RampPlan;
  readonly weight: Weight;
  readonly evidence: Evidence;
  readonly checksContent: boolean;
  readonly period: number;
  readonly usersNew: number;
  readonly usersOld: number;
  readonly budget: Pick<Budget, 'alpha' | 'steps' | 'gates' | 'tests'>;
};

/**
 * Every gate's verdict about a route, in a fixed order: absolute, relative, custom, share. May be asked as often as one likes:
 * no number of looks makes a false failure more probable than `RAMP_ALPHA` for a whole ramp.
 *
 * - Relative gates: the side of a person was drawn by his hash, once. If the side makes no difference to anybody, each person
 *   who was served badly in a period is on the new side with the weight's probability, independently of all others, however
 *   failures cluster in time or in people. So people are counted, once a period.
 * - Absolute gates: people are counted, each in one minute of a period that his hash picks, so that a few who are often served
 *   badly, and happened to be drawn to the new side, count no more than they are. At 100 % nobody was drawn: user-minutes since
 *   the epoch began are judged too, which finds small excesses sooner; periods find what turns bad after a long good time.
 * - Custom gates count requests of an upstream's own counters. A plan may be judged by them alone: gates about people do not
 *   apply then, and a custom gate passes only while its counters grow.
 *
 * Requests of people who cannot be told from forgers let no gate fail, and none pass that they may have been flaws for.
 */
export function judge(judged: Judged): GateVerdict[] {
  const look = lookAt(judged);
  return [
    ...ABSOLUTE_GATES.map((gate) => absoluteGate(look, gate)),
    ...FLAWS.map((flaw) => relativeGate(look, flaw)),
    ...look.plan.gates.custom.map((gate) => customGate(look, gate)),
    checkShare(look.weight, {
      misplaced: look.evidence.misplaced,
      usersNew: look.usersNew,
      usersOld: look.usersOld,
      ...peopleNumbers(look),
    }),
  ];
}

function lookAt({ plan, weight, evidence = NOTHING, sinceMs, checksContent, now }: Judged): Look {
  const { period } = periodOf(now, sinceMs);
  // Who was seen earlier says nothing about whether anybody is served now.
  const lately = evidence.periods.filter((each) => each.period >= period - 1);
  const users = mergeHashes(lately.map(({ users }) => users));
  const usersNew = onNewSide(users, weight);
  const gates = BUILT_IN_FAILING_GATES + plan.gates.custom.length;
  const budget = { alpha: RAMP_ALPHA, steps: plan.steps.length, gates, tests: 1 };
  const usersOld = users.length - usersNew;
  return { plan, weight, evidence, checksContent, period, usersNew, usersOld, budget };
}

function relativeGate(look: Look, flaw: Flaw): GateVerdict {
  const { weight, usersNew, usersOld, plan, budget } = look;
  const numbers = strongest(
    periodsOf(look).map(({ period, flawed }): RelativeNumbers => ({
      weightHundredths: weight,
      ...budget,
      period,
      flawedPeople: flawed[flaw].length,
      flawedPeopleNew: onNewSide(flawed[flaw], weight),
      usersNew,
      usersOld,
      minimumUsers: plan.minimumUsers,
      ...peopleNumbers(look),
      ...(flaw === 'invalid' ? contentNumbers(look) : unverifiedNumbers(look)),
    })),
    relativeOutcome,
  );
  const verdict = relativeVerdict(numbers);
  const gate = `${flaw}-relative`;
  return { gate, verdict, sentence: `${gate}: ${relativeSentence(flaw, verdict, numbers)}`, numbers };
}

function absoluteGate(look: Look, gate: AbsoluteGate): GateVerdict {
  const { weight, evidence, usersNew, plan, budget } = look;
  const { new: units } = evidence.units;
  const isContent = gate === 'invalid';
  const isEverybody = weight === EVERYBODY;
  const known = {
    weightHundredths: weight,
    limitPercent: plan.gates[`${gate}Percent`],
    ...budget,
    tests: isEverybody ? 2 : 1,
    units: isContent ? units.checked : units.units,
    unitsFlawed: isContent ? Math.min(units.invalid, units.checked) : units[gate],
    usersNew,
    minimumUsers: plan.minimumUsers,
    ...peopleNumbers(look),
    ...(isContent ? contentNumbers(look) : unverifiedNumbers(look)),
  };
  const ofEpoch: AbsoluteNumbers = { ...known, period: 0, judged: known.units, judgedFlawed: known.unitsFlawed };
  const ofPeriod = ({ period, judged }: PeriodEvidence): AbsoluteNumbers => ({
    ...known,
    period,
    judged: judged[isContent ? 'checked' : 'users'].length,
    // The lists are bounded each by itself.
    judgedFlawed: Math.min(judged[gate].length, judged[isContent ? 'checked' : 'users'].length),
  });
  const tests = [...(isEverybody ? [ofEpoch] : []), ...periodsOf(look).map(ofPeriod)];
  const numbers = strongest(tests, absoluteOutcome);
  const verdict = absoluteVerdict(numbers);
  return { gate, verdict, sentence: `${gate}: ${absoluteSentence(verdict, numbers)}`, numbers };
}

function contentNumbers({ evidence: { units }, checksContent }: Look): ContentNumbers {
  return { checked: units.old.checked + units.new.checked, checksContent: checksContent ? 1 : 0 };
}

function unverifiedNumbers({ evidence: { unverified } }: Look): UnverifiedNumbers {
  return { unverifiedNew: unverified.new, unverifiedOld: unverified.old };
}

function peopleNumbers({ plan }: Look): Partial<PeopleNumbers> {
  return isJudgedByCustomGates(plan) ? { judgesPeople: 0 } : {};
}

function isJudgedByCustomGates({ judgedBy }: RampPlan): boolean {
  return judgedBy === 'custom-gates';
}

function customGate(look: Look, { name, maxPercent }: CustomGate): GateVerdict {
  const { plan, weight, evidence, budget, period } = look;
  const { bad, total, lastPeriod = 0 } = evidence.custom[name] ?? { bad: 0, total: 0 };
  const counts: CustomNumbers = {
    weightHundredths: weight,
    limitPercent: maxPercent,
    ...budget,
    period: 0,
    total,
    // Two counters are not read at one instant.
    bad: Math.min(bad, total),
    minimum: plan.minimumUsers,
    ...(isJudgedByCustomGates(plan) && { silentPeriods: Math.max(0, period - lastPeriod) }),
  };
  const numbers = { ...counts, ...customOutcome(counts) };
  const verdict = customVerdict(numbers);
  return { gate: name, verdict, sentence: `${name}: ${customSentence(verdict, numbers)}`, numbers };
}

/** At least one, so that there is something to say. */
function periodsOf({ evidence, period }: Look): readonly PeriodEvidence[] {
  return evidence.periods.length > 0 ? evidence.periods : [{ ...EMPTY_PERIOD, period }];
}

/** The one that is nearest to a failure, with what came of it. */
function strongest<N>(candidates: readonly N[], outcomeOf: (numbers: N) => Outcome): N & Outcome {
  return candidates
    .map((numbers) => ({ ...numbers, ...outcomeOf(numbers) }))
    .reduce((best, each) => (each.logEValue - each.logNeeded > best.logEValue - best.logNeeded ? each : best));
}

function onNewSide(hashes: readonly number[], weight: Weight): number {
  return hashes.reduce((people, hash) => (sideOfHash(hash, weight) === 'new' ? people + 1 : people), 0);
}

const NO_UNITS = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };
const NO_FLAWED = { failed: [], slow: [], rejected: [], invalid: [] };
const EMPTY_PERIOD: PeriodEvidence = {
  period: 1,
  users: [],
  flawed: NO_FLAWED,
  judged: { ...NO_FLAWED, users: [], checked: [] },
};
const NOTHING: Evidence = {
  epoch: 0 as Evidence['epoch'],
  requests: { old: 0, new: 0 },
  units: { old: NO_UNITS, new: NO_UNITS },
  misplaced: 0,
  unverified: { old: 0, new: 0 },
  periods: [],
  custom: {},
};
