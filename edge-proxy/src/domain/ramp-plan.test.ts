import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rampPlanSchema, writtenDuration, writtenPlan } from './ramp-plan.ts';

const STEP_RULE =
  'must be steps such as "10 % for 10 m, 50 % manual, 100 %": percent up to 100 in steps of 0.01, times in s, m, h or d';

test('a plan is steps, with what is usual for the rest', () => {
  expect(rampPlanSchema.parse({ steps: '10 % for 10 m, 25% for 1.5 h manual, 50 manual,100 %' })).toEqual({
    steps: [
      { weight: 1000, bakeMs: 600_000, approve: 'auto' },
      { weight: 2500, bakeMs: 5_400_000, approve: 'manual' },
      { weight: 5000, bakeMs: 0, approve: 'manual' },
      { weight: 10_000, bakeMs: 0, approve: 'auto' },
    ],
    onFail: 'rollback',
    judgedBy: 'people',
    minimumUsers: 20,
    gates: { failedPercent: 1, slowPercent: 5, invalidPercent: 1, custom: [] },
  });
});

test.each([
  [{ steps: '' }, 'steps', STEP_RULE],
  [{ steps: '10 % for ten minutes' }, 'steps', STEP_RULE],
  [{ steps: '10 % for 10 m,' }, 'steps', STEP_RULE],
  [{ steps: '101 %' }, 'steps', STEP_RULE],
  [{ steps: '0.001 %' }, 'steps', STEP_RULE],
  [{ steps: '-1 %' }, 'steps', STEP_RULE],
  [{ steps: 10 }, 'steps', STEP_RULE],
  [{ steps: '0 %, 10 %' }, 'steps', 'must begin above 0 %'],
  [{ steps: '50 %, 50 %' }, 'steps', 'must have weights that ascend'],
  [{ steps: '50 %, 10 %' }, 'steps', 'must have weights that ascend'],
  [{ steps: '50 % for 91 d' }, 'steps', 'must bake for at most 90 d each'],
  [{ steps: Array.from({ length: 21 }, (_, at) => `${at + 1} %`).join(', ') }, 'steps', 'must have at most 20 steps'],
  [{ steps: '1 %', onFail: 'panic' }, 'onFail', 'must be rollback or freeze'],
  [{ steps: '1 %', judgedBy: 'nobody' }, 'judgedBy', 'must be people or custom-gates'],
  [{ steps: '1 %', judgedBy: 'custom-gates' }, 'judgedBy', 'needs at least one gate in gates.custom'],
  [{ steps: '1 %', minimumUsers: 0 }, 'minimumUsers', 'must be at least 1'],
  [{ steps: '1 %', minimumUsers: 1.5 }, 'minimumUsers', 'must be a whole number from 1 to 1000'],
  [{ steps: '1 %', gates: { failedPercent: 101 } }, 'gates.failedPercent', 'must be at most 100'],
  [{ steps: '1 %', gates: { slowPercent: NaN } }, 'gates.slowPercent', 'must be a number from 0 to 100'],
])('%j is refused', (plan, field, message) => {
  const result = rampPlanSchema.safeParse(plan);
  expect(result.error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([[field, message]]);
});

describe('a gate of counters', () => {
  const withGate = (gate: object) =>
    rampPlanSchema.safeParse({ steps: '1 %', gates: { custom: [{ name: 'stock', upstream: 'coach', ...gate }] } });

  test('needs exactly one of bad and good', () => {
    expect(withGate({ bad: 'errors_total', total: 'requests_total' }).success).toBe(true);
    expect(withGate({ good: 'ok_total{code="200"}', total: 'requests_total{}' }).success).toBe(true);
    for (const part of [{}, { bad: 'a', good: 'b' }]) {
      const { error } = withGate({ ...part, total: 'requests_total' });
      expect(error?.issues[0]).toMatchObject({ message: 'must have exactly one of bad and good' });
    }
  });

  test.each(['', '1a', 'a b', 'a{b}', 'a{b=1}', 'a{b="1"', 'a{b="1"} 3', 'a{b="1"c="2"}', 'a{b="1",b="2"}'])(
    'knows no metric %j',
    (total) => {
      expect(withGate({ bad: 'errors_total', total }).error?.issues[0]?.message).toMatch(/^must be a metric/);
    },
  );

  test('has a name of its own', () => {
    expect(withGate({ name: 'failed', bad: 'a', total: 'b' }).error?.issues[0]?.message).toBe(
      'must not be the name of a built-in gate',
    );
    const twice = { name: 'stock', upstream: 'coach', bad: 'a', total: 'b' };
    const { error } = rampPlanSchema.safeParse({ steps: '1 %', gates: { custom: [twice, twice] } });
    expect(error?.issues[0]?.message).toBe('must have different names');
  });
});

test('what is written is read as what it was', () => {
  const step = fc.record({
    weight: fc.integer({ min: 1, max: 10_000 }),
    bakeMs: fc.integer({ min: 0, max: 7_776_000_000 }),
    approve: fc.constantFrom('auto' as const, 'manual' as const),
  });
  const steps = fc.uniqueArray(step, { minLength: 1, maxLength: 20, selector: ({ weight }) => weight });
  fc.assert(
    fc.property(steps, fc.boolean(), fc.boolean(), (any, isFreezing, isAlone) => {
      const text = any
        .toSorted((a, b) => a.weight - b.weight)
        .map(({ weight, bakeMs, approve }) => {
          return `${weight / 100} % for ${bakeMs / 1000} s${approve === 'manual' ? ' manual' : ''}`;
        });
      const stock = { name: 'stock', upstream: 'coach', good: 'ok_total', total: 'all_total' };
      const judged = isAlone ? { judgedBy: 'custom-gates' as const, gates: { custom: [stock] } } : {};
      const onFail = isFreezing ? 'freeze' : 'rollback';
      const plan = rampPlanSchema.parse({ steps: text.join(','), onFail, ...judged });
      expect(rampPlanSchema.parse(writtenPlan(plan))).toEqual(plan);
    }),
  );
});

test.each([
  [500, '0.5 s'],
  [90_000, '90 s'],
  [600_000, '10 m'],
  [5_400_000, '90 m'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%d ms are written as %s', (ms, text) => {
  expect(writtenDuration(ms)).toBe(text);
});
