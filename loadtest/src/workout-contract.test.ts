import { describe, expect, test } from '@jest/globals';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import fc from 'fast-check';
import { workoutViolation } from './workout-contract.ts';

const muscle = (id: number) => ({ id, name: 'biceps', body_part: 'arms', is_primary: true, intensity: 0.6 });
const exercise = (id: number) => ({
  id,
  name: `Exercise ${id}`,
  description: '',
  difficulty: 3,
  muscle_groups: [muscle(1), muscle(2)],
  suggested_weight: 12.5,
  suggested_reps: 8,
});
const workout = () => ({ exercises: [1, 2, 3, 4, 5, 6].map(exercise), generated_at: '2026-03-29T10:00:00.123Z' });

/** A workout with one value put somewhere; `undefined` takes the field away. */
function withValue(path: readonly (string | number)[], value: unknown): unknown {
  const body: unknown = workout();
  let parent = body as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[path.at(-1)!] = value;
  return JSON.parse(JSON.stringify(body));
}

const agreesWithSchema = (body: unknown) => (workoutViolation(body) === undefined) === isOfSchema(body);

function isOfSchema(body: unknown): boolean {
  const parsed = workoutOfTheDaySchema.safeParse(body);
  return parsed.success && new Set(parsed.data.exercises.map(({ id }) => id)).size === parsed.data.exercises.length;
}

/** Every place in a workout where a value stands. */
function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const own = path.length > 0 ? [path] : [];
  return [...own, ...Object.entries(value).flatMap(([key, child]) => paths(child, [...path, key]))];
}

describe('the contract as k6 checks it', () => {
  test('a workout is one', () => {
    expect(workoutViolation(workout())).toBeUndefined();
    expect(isOfSchema(workout())).toBe(true);
  });

  test.each([
    [['exercises', 0, 'id'], 0, /^workout\.exercises\[0\]\.id: must be a whole number of at least 1$/],
    [['exercises', 0, 'id'], 1.5, /\.id: /],
    [['exercises', 0, 'id'], 2 ** 53, /\.id: /],
    [['exercises', 1, 'id'], 1, /^exercises: must be different ones, received ids 1,1,3,4,5,6$/],
    [['exercises', 0, 'name'], '', /\.name: /],
    [['exercises', 0, 'description'], null, /\.description: must be text$/],
    [['exercises', 5, 'difficulty'], 6, /\.difficulty: must be a whole number from 1 to 5$/],
    [['exercises', 0, 'muscle_groups'], [], /\.muscle_groups: must have at least 1, received 0$/],
    [['exercises', 0, 'muscle_groups', 1, 'intensity'], 1.01, /\.intensity: must be a number from 0 to 1$/],
    [['exercises', 0, 'muscle_groups', 0, 'body_part'], 'wings', /\.body_part: must be one of arms, /],
    [['exercises', 0, 'muscle_groups', 0, 'is_primary'], 1, /\.is_primary: /],
    [['exercises', 0, 'suggested_weight'], -0.5, /\.suggested_weight: must be a number of at least 0$/],
    [['exercises', 0, 'suggested_reps'], 0, /\.suggested_reps: /],
    [['exercises', 0, 'sets'], 3, /\.sets: must not be there$/],
    [['exercises', 6], exercise(7), /\.exercises: must have 6, received 7$/],
    [['exercises'], {}, /\.exercises: must be a list$/],
    [['generated_at'], undefined, /\.generated_at: /],
    [['generated_at'], '2026-03-29T10:00:00+00:00', /\.generated_at: must be an RFC 3339 instant in UTC$/],
    [['generated_at'], '2026-03-29T10:00Z', /\.generated_at: /],
    [['generated_at'], '2026-02-29T10:00:00Z', /\.generated_at: /],
    [['generated_at'], '2026-04-31T10:00:00Z', /\.generated_at: /],
    [['generated_at'], '2026-03-29T24:00:00Z', /\.generated_at: /],
    [['generated_at'], '2026-03-29t10:00:00z', /\.generated_at: /],
    [['generated_at'], '2026-03-29T10:00:00Z\n', /\.generated_at: /],
  ] as const)('%j as %j is no workout, and the schema says the same', (path, value, violation) => {
    const body = withValue(path, value);
    expect(workoutViolation(body)).toMatch(violation);
    expect(isOfSchema(body)).toBe(false);
  });

  test.each([undefined, null, 'text', 7, [], {}, [workout()]])('%j is no workout', (body) => {
    expect(workoutViolation(body)).toBeDefined();
    expect(isOfSchema(body)).toBe(false);
  });

  test('agrees with the schema on a workout with any one value replaced', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.integer({ min: -1, max: 7 }),
      fc.constantFrom(undefined, 2 ** 53, '2024-02-29T23:59:59.9Z', '1900-02-29T00:00:00Z', 'legs'),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths(workout())), value, (path, replaced) =>
        agreesWithSchema(withValue(path, replaced)),
      ),
      { numRuns: 2000 },
    );
  });

  test('agrees with the schema on instants of every kind', () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'));
    const year = fc.constantFrom('0000', '1900', '2000', '2023', '2024', '2100', '9999');
    fc.assert(
      fc.property(year, part(13), part(32), part(25), part(60), (y, month, day, hour, minute) =>
        agreesWithSchema(withValue(['generated_at'], `${y}-${month}-${day}T${hour}:${minute}:${minute}Z`)),
      ),
      { numRuns: 2000 },
    );
  });
});
