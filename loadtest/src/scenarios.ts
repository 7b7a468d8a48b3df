import type { Scenario } from 'k6/options';

export const SCENARIO_NAMES = ['smoke', 'objective', 'stress', 'spike', 'soak', 'rollout'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

/** How long and how fast; `rate` is requests a second, where the scenario has one. */
export type Load = { seconds: number; rate: number };

/** A stretch of a run that the report shows by itself. */
export type Part = { name: string; fromSeconds: number; toSeconds: number };

export type ScenarioSpec = {
  /** One line for people. */
  summary: string;
  defaults: Load;
  /** False: the option `--rate` means nothing here. */
  hasRate: boolean;
  /** Pause of each person between an answer and the next question; 0 where a rate drives. */
  thinkSeconds: number;
  /** People at the same time, each another one; 0 where a rate drives and they take turns. */
  atOnce: number;
  /** With fewer different people it says nothing. */
  minPeople: number;
  /** In less time it says nothing. */
  minSeconds: number;
  /** At most so many take turns. */
  people: (load: Load) => number;
  scenario: (load: Load) => Scenario;
  /** Of k6, by metric. */
  thresholds: (load: Load) => Record<string, string[]>;
  parts: (load: Load) => Part[];
};

/** A ramp of k6; those with a name are parts of the report. */
type Stage = { name?: string; seconds: number; target: number };

/** Longer than the edge's deadline (12 s): nothing that runs is cut off at the end. */
const GRACE = '30s';
const EVERYBODY = () => Infinity;
const NO_PARTS = () => [];

/** What the decision record promises: p95 under five seconds, under one percent of errors. */
const OBJECTIVE = { workout_duration: ['p(95)<5000'], workout_failed: ['rate<0.01'] };

const SMOKE_REQUESTS = 30;

/** The weights of the objective, each for its whole time. */
export const OBJECTIVE_WEIGHTS = [0, 10, 100] as const;

/** The weights of a rollout, each for an equal part of its time; the last one is a rollback. */
export const ROLLOUT_WEIGHTS = [0, 1, 10, 25, 50, 100, 0] as const;

const SPIKE = { calm: 20, peak: 300 } as const;

export const SCENARIOS: Record<ScenarioName, ScenarioSpec> = {
  smoke: {
    summary: `${SMOKE_REQUESTS} requests of three people at once: is every answer what it should be?`,
    defaults: { seconds: 180, rate: 0 },
    hasRate: false,
    thinkSeconds: 0,
    atOnce: 3,
    minPeople: 3,
    minSeconds: 1,
    people: EVERYBODY,
    scenario: ({ seconds }) => ({
      executor: 'shared-iterations',
      vus: 3,
      iterations: SMOKE_REQUESTS,
      maxDuration: `${seconds}s`,
      gracefulStop: GRACE,
    }),
    thresholds: () => ({
      workout_failed: ['rate==0'],
      workout_duration: ['max<12000'],
      iterations: [`count==${SMOKE_REQUESTS}`],
    }),
    parts: NO_PARTS,
  },
  objective: {
    summary: "the decision record's objective, 100 users at once, at weight 0, 10 and 100",
    defaults: { seconds: 60, rate: 0 },
    hasRate: false,
    thinkSeconds: 1,
    atOnce: 100,
    minPeople: 100,
    minSeconds: 1,
    people: EVERYBODY,
    scenario: ({ seconds }) => ({
      executor: 'constant-vus',
      vus: 100,
      duration: `${seconds}s`,
      gracefulStop: GRACE,
    }),
    thresholds: () => OBJECTIVE,
    parts: NO_PARTS,
  },
  stress: {
    summary: 'more and more requests a second: where does it bend?',
    defaults: { seconds: 120, rate: 300 },
    hasRate: true,
    thinkSeconds: 0,
    atOnce: 0,
    minPeople: 1,
    minSeconds: 1,
    people: EVERYBODY,
    scenario: (load) => ({
      executor: 'ramping-arrival-rate',
      startRate: 1,
      timeUnit: '1s',
      preAllocatedVUs: Math.min(400, Math.max(20, load.rate)),
      maxVUs: 400,
      stages: k6Stages(stressStages(load)),
      gracefulStop: GRACE,
    }),
    thresholds: (load) => ({
      workout_duration: ['p(95)<1000'],
      workout_failed: ['rate<0.01'],
      // What could not be sent for want of free connections was no load.
      dropped_iterations: [`count<${Math.ceil(requestsOf(stressStages(load)) / 100)}`],
    }),
    parts: (load) => namedParts(stressStages(load)),
  },
  spike: {
    summary: `from ${SPIKE.calm} users at once to ${SPIKE.peak} within seconds, and back`,
    defaults: { seconds: 90, rate: 0 },
    hasRate: false,
    thinkSeconds: 1,
    atOnce: SPIKE.peak,
    minPeople: SPIKE.peak,
    minSeconds: 1,
    people: EVERYBODY,
    scenario: (load) => ({
      executor: 'ramping-vus',
      startVUs: SPIKE.calm,
      stages: k6Stages(spikeStages(load)),
      gracefulRampDown: GRACE,
      gracefulStop: GRACE,
    }),
    thresholds: () => OBJECTIVE,
    parts: (load) => namedParts(spikeStages(load)),
  },
  soak: {
    summary: '30 users at once for an hour: does it stay as it was?',
    defaults: { seconds: 3600, rate: 0 },
    hasRate: false,
    thinkSeconds: 1,
    atOnce: 30,
    minPeople: 30,
    minSeconds: 1,
    people: EVERYBODY,
    scenario: ({ seconds }) => ({
      executor: 'constant-vus',
      vus: 30,
      duration: `${seconds}s`,
      gracefulStop: GRACE,
    }),
    thresholds: () => ({ workout_duration: ['p(95)<1000'], workout_failed: ['rate<0.001'] }),
    parts: ({ seconds }) =>
      ['first', 'second', 'third', 'last'].map((name, index) => ({
        name: `${name} quarter`,
        fromSeconds: (seconds * index) / 4,
        toSeconds: (seconds * (index + 1)) / 4,
      })),
  },
  rollout: {
    summary: `the weight moves ${ROLLOUT_WEIGHTS.join(' → ')} while people keep asking; nobody may notice`,
    defaults: { seconds: 90, rate: 8 },
    hasRate: true,
    thinkSeconds: 0,
    atOnce: 0,
    // With 20 the chance that nobody has a threshold below 25 is less than one percent.
    minPeople: 20,
    minSeconds: 2 * ROLLOUT_WEIGHTS.length,
    // Everybody is asked for about once at each weight: who asks too seldom cannot be seen to change sides.
    people: ({ seconds, rate }) => Math.floor((seconds * rate) / ROLLOUT_WEIGHTS.length),
    scenario: ({ seconds, rate }) => ({
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${seconds}s`,
      // A request takes up to the edge's deadline.
      preAllocatedVUs: Math.min(400, rate * 13),
      maxVUs: 400,
      gracefulStop: GRACE,
    }),
    thresholds: () => ({ workout_failed: ['rate==0'], dropped_iterations: ['count==0'] }),
    // The weights are the parts; when each was in force is known afterwards.
    parts: NO_PARTS,
  },
};

/** Logging in, k6's start, and the last requests come on top of the load's own time. */
const EXTRA_SECONDS = 600;

/** How long a run takes, at most: tokens must live as long. */
export function runSeconds(scenario: ScenarioName, loadSeconds: number): number {
  return loadSeconds * phasesOf(scenario) + EXTRA_SECONDS;
}

/** The longest load of a run that takes no more than so many seconds. */
export function maxLoadSeconds(scenario: ScenarioName, seconds: number): number {
  return Math.floor((seconds - EXTRA_SECONDS) / phasesOf(scenario));
}

function phasesOf(scenario: ScenarioName): number {
  return scenario === 'objective' ? OBJECTIVE_WEIGHTS.length : 1;
}

/** Four steps, each reached in a fifth of its time and then held. */
function stressStages({ seconds, rate }: Load): Stage[] {
  return [0.25, 0.5, 0.75, 1].flatMap((share) => {
    const target = Math.max(1, Math.round(rate * share));
    return [
      { seconds: seconds / 20, target },
      { name: `${target}/s`, seconds: seconds / 5, target },
    ];
  });
}

function spikeStages({ seconds }: Load): Stage[] {
  const jump = Math.min(5, seconds / 10);
  const rest = seconds - 2 * jump;
  return [
    { name: 'calm', seconds: rest / 3, target: SPIKE.calm },
    { seconds: jump, target: SPIKE.peak },
    { name: 'spike', seconds: rest / 3, target: SPIKE.peak },
    { seconds: jump, target: SPIKE.calm },
    { name: 'calm again', seconds: rest / 3, target: SPIKE.calm },
  ];
}

function k6Stages(stages: readonly Stage[]): { duration: string; target: number }[] {
  return stages.map(({ seconds, target }) => ({ duration: `${Math.round(seconds * 1000)}ms`, target }));
}

function namedParts(stages: readonly Stage[]): Part[] {
  let fromSeconds = 0;
  return stages.flatMap(({ name, seconds }) => {
    const part = { name: name ?? '', fromSeconds, toSeconds: fromSeconds + seconds };
    fromSeconds = part.toSeconds;
    return name === undefined ? [] : [part];
  });
}

/** The area under the ramps. */
function requestsOf(stages: readonly Stage[]): number {
  return stages.reduce(
    ({ sum, from }, { seconds, target }) => ({ sum: sum + ((from + target) / 2) * seconds, from: target }),
    { sum: 0, from: 1 },
  ).sum;
}
