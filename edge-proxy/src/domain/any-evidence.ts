import fc from 'fast-check';
import { FLAWS } from './evidence.ts';
import type { Evidence, Flaw, PeriodEvidence, UnitCounts } from './evidence.ts';
import { rampPlanSchema } from './ramp-plan.ts';
import { RAMP_PHASES } from './ramp.ts';
import type { Ramp, RampPlan } from './ramp.ts';
import { revision } from './weight.ts';

/** Evidence, plans and ramps for tests: any at all, or with what a test names. */

const PEOPLE = spread(250);

/** So many of them at most. */
const people = (most: number) =>
  fc.array(fc.nat(PEOPLE.length - 1), { maxLength: most }).map((some) => [...new Set(some)].map((one) => PEOPLE[one]!));

/** @param worst how many of a thousand met something */
const anyUnits = (worst: number) =>
  fc.integer({ min: 0, max: 5 }).chain((thousands) => {
    const some = fc.nat(worst * thousands);
    const [units, checked] = [fc.constant(thousands * 1000), fc.constantFrom(0, thousands * 1000)];
    return fc.record({ units, checked, failed: some, slow: some, rejected: some, invalid: some });
  });

const anyPeriod = (period: number, mostFlawed: number) => {
  const some = people(mostFlawed);
  const judged = people(40);
  return fc.record({
    period: fc.constant(period),
    users: fc.oneof(fc.constant(PEOPLE), people(250)),
    flawed: fc.record({ failed: some, slow: some, rejected: some, invalid: some }),
    judged: fc.record({ users: judged, checked: judged, failed: some, slow: some, rejected: some, invalid: some }),
  });
};

const seenWith = (mostFlawed: number, worst: number): fc.Arbitrary<Evidence> =>
  fc.record({
    epoch: fc.constant(revision(1)),
    requests: fc.record({ old: fc.nat(), new: fc.nat() }),
    units: fc.record({ old: anyUnits(worst), new: anyUnits(worst) }),
    misplaced: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) }),
    unverified: fc.oneof(
      { weight: 9, arbitrary: fc.constant({ old: 0, new: 0 }) },
      { weight: 1, arbitrary: fc.record({ old: fc.nat(9), new: fc.nat(9) }) },
    ),
    periods: fc.nat(1).chain((first) => fc.tuple(anyPeriod(first + 1, mostFlawed), anyPeriod(first + 2, mostFlawed))),
    custom: fc.record(
      {
        jobs: fc.record({
          bad: fc.nat(worst),
          total: fc.nat(10_000),
          lastPeriod: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
        }),
      },
      { requiredKeys: mostFlawed === 0 ? ['jobs'] : [] },
    ),
  });

/** Of sides that serve well, now and then badly, or badly. */
export const anyEvidence = fc.oneof(seenWith(0, 1), seenWith(2, 5), seenWith(40, 1000));

export const anyPlan: fc.Arbitrary<RampPlan> = fc
  .record({
    steps: fc.constantFrom('10 % for 10 m, 50 % manual, 100 %', '1 %, 25 % for 1 h, 99.99 %', '100 %'),
    onFail: fc.constantFrom('rollback' as const, 'freeze' as const),
    minimumUsers: fc.integer({ min: 1, max: 25 }),
    gates: fc.record({
      failedPercent: fc.constantFrom(0, 1, 100),
      custom: fc.constantFrom([], [{ name: 'jobs', upstream: 'coach', bad: 'bad_total', total: 'all_total' }]),
    }),
    isPeoplesOwn: fc.boolean(),
  })
  .map(({ isPeoplesOwn, ...plan }) => {
    const judgedBy = isPeoplesOwn || plan.gates.custom.length === 0 ? 'people' : 'custom-gates';
    return rampPlanSchema.parse({ ...plan, judgedBy });
  });

export const anyRamp: fc.Arbitrary<Ramp> = anyPlan.chain((plan) =>
  fc.record({
    plan: fc.constant(plan),
    id: fc.constant(revision(1)),
    step: fc.nat(plan.steps.length - 1),
    phase: fc.oneof(fc.constant('running' as const), fc.constantFrom(...RAMP_PHASES)),
  }),
);

/** So many people's hashes, evenly spread. */
export function spread(people: number, from = 0): number[] {
  return Array.from({ length: people }, (_, index) =>
    Math.floor(((index + from + 0.5) / (people + from)) * 0xffffffff),
  );
}

export function unitsOf(counts: Partial<UnitCounts>): UnitCounts {
  return { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0, ...counts };
}

export function periodOf(
  period: number,
  seen: {
    users?: readonly number[];
    flawed?: Partial<Record<Flaw, readonly number[]>>;
    judged?: Partial<PeriodEvidence['judged']>;
  },
): PeriodEvidence {
  const nobody = Object.fromEntries(FLAWS.map((flaw) => [flaw, []])) as unknown as Record<Flaw, readonly number[]>;
  return {
    period,
    users: seen.users ?? [],
    flawed: { ...nobody, ...seen.flawed },
    judged: { ...nobody, users: [], checked: [], ...seen.judged },
  };
}

export function evidenceOf(seen: Partial<Evidence>): Evidence {
  return {
    epoch: revision(1),
    requests: { old: 0, new: 0 },
    units: { old: unitsOf({}), new: unitsOf({}) },
    misplaced: 0,
    unverified: { old: 0, new: 0 },
    periods: [],
    custom: {},
    ...seen,
  };
}
