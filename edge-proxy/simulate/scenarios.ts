import { rampPlanSchema } from '../src/domain/ramp-plan.ts';
import type { RampPlanInput } from '../src/domain/ramp-plan.ts';
import type { RampPlan } from '../src/domain/ramp.ts';

/** Who asks, how often, and how they are served; shares are 0–1. */
export type Scenario = {
  readonly name: string;
  readonly what: string;
  readonly users: number;
  readonly requestsPerSecond: number;
  /** Of requests, at a weight in percent; on both sides alike. */
  readonly failing: (weightPercent: number) => number;
  /** So many of the users are served worse than the others, whichever side serves them. */
  readonly unlucky?: { readonly users: number; readonly failing: number };
  /** Whoever fails asks again within seconds, and fails again with this share. */
  readonly retries?: { readonly most: number; readonly failing: number };
  /** More failures on the new side: the coach is worse. */
  readonly newSideAlsoFailing?: number;
  readonly plan: RampPlan;
};

/** Half a day of steps, so that the ramp is complete, and guarded, for the rest of the day. */
const STEPS = '1 % for 1 h, 10 % for 2 h, 25 % for 3 h, 50 % for 4 h, 100 % for 2 h';
const LOW = 0.003;

function planOf(plan: Partial<RampPlanInput> = {}): RampPlan {
  // One person is enough, so that few people do not keep a ramp from the weights at which it may be wrong.
  return rampPlanSchema.parse({ steps: STEPS, minimumUsers: 1, ...plan });
}

/** The sides are the same in all of them: whatever is rolled back is rolled back falsely. */
export const EQUAL_SIDES: readonly Scenario[] = [
  {
    name: 'plain',
    what: '500 people, 0.3 % of requests fail',
    users: 500,
    requestsPerSecond: 2.5,
    failing: () => LOW,
    plan: planOf(),
  },
  {
    name: 'clustered',
    what: '500 people, 2 % of whom fail a quarter of the time',
    users: 500,
    requestsPerSecond: 2.5,
    failing: () => 0,
    unlucky: { users: 0.02, failing: 0.25 },
    plan: planOf(),
  },
  {
    name: 'retries',
    what: '500 people, who ask up to 3 times more when they fail, and fail again 4 times of 5',
    users: 500,
    requestsPerSecond: 2.5,
    failing: () => LOW,
    retries: { most: 3, failing: 0.8 },
    plan: planOf(),
  },
  {
    name: 'drift',
    what: '500 people, failing at 0.2 % up to 10 %, 0.6 % at 25 %, 1.5 % at 50 %, 0.4 % at 100 %; at most 3 % may',
    users: 500,
    requestsPerSecond: 2.5,
    failing: (weight) => (weight <= 10 ? 0.002 : weight <= 25 ? 0.006 : weight <= 50 ? 0.015 : 0.004),
    plan: planOf({ gates: { failedPercent: 3 } }),
  },
  {
    name: 'few',
    what: '200 people only, 2 % of whom fail a quarter of the time',
    users: 200,
    requestsPerSecond: 1,
    failing: () => 0,
    unlucky: { users: 0.02, failing: 0.25 },
    plan: planOf(),
  },
];

/** A coach with 5 points more failures than the monolith's 0.5 %, at one of the plan's weights. */
export function worseCoach(users: number, requestsPerSecond: number): Scenario {
  return {
    name: `worse-${requestsPerSecond}`,
    what: `${users} people, ${requestsPerSecond} requests/s, 0.5 % fail; on the new side 5.5 %`,
    users,
    requestsPerSecond,
    failing: () => 0.005,
    newSideAlsoFailing: 0.05,
    plan: rampPlanSchema.parse({ steps: STEPS }),
  };
}
