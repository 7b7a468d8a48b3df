import { describe, expect, test } from '@jest/globals';
import { ROLLOUT_WEIGHTS, SCENARIOS, SCENARIO_NAMES, maxLoadSeconds, runSeconds } from './scenarios.ts';

describe.each(SCENARIO_NAMES)('%s', (name) => {
  const spec = SCENARIOS[name];

  test('has thresholds of its own, on failures among others', () => {
    expect(Object.keys(spec.thresholds(spec.defaults))).toContain('workout_failed');
  });

  test.each([10, 60, 3600])('has parts in their order, within its %d seconds', (seconds) => {
    const parts = spec.parts({ ...spec.defaults, seconds });
    for (const [index, { fromSeconds, toSeconds }] of parts.entries()) {
      expect(fromSeconds).toBeGreaterThanOrEqual(parts[index - 1]?.toSeconds ?? 0);
      expect(toSeconds).toBeGreaterThan(fromSeconds);
      expect(toSeconds).toBeLessThanOrEqual(seconds + 1e-6);
    }
  });

  test('lets every request that runs come to its end', () => {
    expect(spec.scenario(spec.defaults).gracefulStop).toBe('30s');
  });
});

test('smoke passes only if all its requests were made', () => {
  const { thresholds, scenario, defaults } = SCENARIOS.smoke;
  expect(scenario(defaults)).toMatchObject({ iterations: 30 });
  expect(thresholds(defaults)['iterations']).toEqual(['count==30']);
});

test.each(SCENARIO_NAMES)('the longest run of %s ends before a token of a day does', (name) => {
  const longest = maxLoadSeconds(name, 86_400);
  expect(runSeconds(name, longest)).toBeLessThanOrEqual(86_400);
  expect(runSeconds(name, longest + 1)).toBeGreaterThan(86_400);
});

test('the objective is that of the decision record', () => {
  expect(SCENARIOS.objective.thresholds(SCENARIOS.objective.defaults)).toEqual({
    workout_duration: ['p(95)<5000'],
    workout_failed: ['rate<0.01'],
  });
  expect(SCENARIOS.objective.scenario({ seconds: 60, rate: 0 })).toMatchObject({ vus: 100, duration: '60s' });
});

test('in a rollout everybody is asked for about once at each weight', () => {
  expect(SCENARIOS.rollout.people({ seconds: 90, rate: 8 })).toBe(Math.floor(720 / ROLLOUT_WEIGHTS.length));
});
