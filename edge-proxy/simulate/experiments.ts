import { rampPlanSchema } from '../src/domain/ramp-plan.ts';
import { EVERYBODY, weightFromPercent } from '../src/domain/weight.ts';
import type { Weight } from '../src/domain/weight.ts';
import { makePopulation, onlyOnSide } from './population.ts';
import type { Population } from './population.ts';
import { RandomStream } from './random-stream.ts';
import { EQUAL_SIDES, worseCoach } from './scenarios.ts';
import type { Scenario } from './scenarios.ts';
import { simulateRamp } from './simulated-ramp.ts';
import type { RampOutcome, RampRun } from './simulated-ramp.ts';

const DAY_S = 86_400;
const HOUR_S = 3600;

/** What one ramp is to show; each is run many times. */
export type Experiment = {
  readonly name: string;
  readonly kind: 'equal' | 'worse' | 'blocked';
  readonly what: string;
  readonly scenario: Scenario;
  readonly run: (how: Pick<RampRun, 'random' | 'everyLook'>) => RampOutcome;
};

/** What a job's ramp came to, small enough to be sent between threads. */
export type Finding = {
  readonly rolledBackAtSecond: number | undefined;
  readonly requests: number;
  readonly isCompleted: boolean;
  readonly promotedByOperator: number;
  readonly advances: number;
  readonly rivals: RampOutcome['rivals'];
  readonly sentence: string;
};

/** One ramp: of which experiment, and which of its runs. */
export type Job = {
  readonly experiment: string;
  readonly seed: number;
  readonly run: number;
  /** As `RampRun` has it. */
  readonly everyLook?: boolean;
};

const equal = EQUAL_SIDES.map((scenario): Experiment => ({
  name: scenario.name,
  kind: 'equal',
  what: scenario.what,
  scenario,
  run: (how) => simulate({ scenario, ...how, seconds: DAY_S, isPromoted: true }),
}));

const worse = [worseCoach(5000, 100), worseCoach(1000, 10)].flatMap((scenario) =>
  [1, 10, 50].map((weightPercent): Experiment => {
    const weight = weightFromPercent(weightPercent);
    const step = scenario.plan.steps.findIndex((each) => each.weight === weight);
    const run: Experiment['run'] = (how) => simulate({ scenario, ...how, seconds: 6 * HOUR_S, step });
    return { name: `${scenario.name}-at-${weightPercent}`, kind: 'worse', what: scenario.what, scenario, run };
  }),
);

const tenPercent = weightFromPercent(10);
const blockedTraffic: Scenario = {
  ...EQUAL_SIDES[0]!,
  plan: rampPlanSchema.parse({ steps: '10 % for 10 m, 100 %', minimumUsers: 1 }),
};
const blocked: readonly Experiment[] = [
  blocks('no-traffic', 'nobody asks', (people) => ({ ...people, places: new Uint32Array() })),
  blocks('old-side-only', 'only people of the old side ask', (people) => onlyOnSide(people, 'old', tenPercent)),
  blocks('new-side-only', 'only people of the new side ask', (people) => onlyOnSide(people, 'new', tenPercent)),
  blocks('lopsided', 'people are split 30 : 70 instead of 10 : 90', (people) => tripled(people, tenPercent)),
  blocks('misplaced', '1 of 100 requests is on the side that is not its hash’s', (people) => people, 0.01),
];

export const EXPERIMENTS: readonly Experiment[] = [...equal, ...worse, ...blocked];

/** @throws RangeError if there is no such experiment */
export function perform({ experiment, seed, run, everyLook = false }: Job): Finding {
  const index = EXPERIMENTS.findIndex(({ name }) => name === experiment);
  if (index < 0) throw new RangeError(`There is no experiment ${JSON.stringify(experiment)}`);
  const { moves, last, requests, rivals } = EXPERIMENTS[index]!.run({
    random: new RandomStream(seed, index, run),
    everyLook,
  });
  const count = (kind: RampOutcome['moves'][number]['kind']) => moves.filter((move) => move.kind === kind).length;
  return {
    rolledBackAtSecond: moves.find(({ kind }) => kind === 'roll-back')?.atSecond,
    requests,
    isCompleted: count('complete') > 0,
    promotedByOperator: count('promoted'),
    advances: count('advance') + count('complete'),
    rivals,
    sentence: last.sentence,
  };
}

function simulate(run: Omit<RampRun, 'population'>, change = (people: Population) => people): RampOutcome {
  const { scenario, random } = run;
  const population = change(makePopulation(scenario.users, scenario.unlucky?.users ?? 0, random));
  return simulateRamp({ ...run, population });
}

function blocks(
  name: string,
  what: string,
  change: (people: Population) => Population,
  misplacedShare = 0,
): Experiment {
  const run: Experiment['run'] = (how) =>
    simulate({ scenario: blockedTraffic, ...how, seconds: HOUR_S, misplacedShare }, change);
  return { name, kind: 'blocked', what, scenario: blockedTraffic, run };
}

/** Three times as many people below the weight's cut-off. */
function tripled(people: Population, weight: Weight): Population {
  const factor = weight / EVERYBODY;
  const hashes = people.hashes.map((hash, user) => (user % 5 === 0 ? Math.floor(hash * factor) : hash));
  return { ...people, hashes };
}
