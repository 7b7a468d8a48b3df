import { expect, test } from '@jest/globals';
import { historySchema, loggedWorkoutSchema } from '@fit/contracts/history';
import { purgeIdempotencyKeys } from '../src/fitness/idempotency.ts';
import { describeOnBothDatabases } from './support/databases.ts';
import { newPerson, useMonolith } from './support/monolith.ts';

const bench = { exercise_id: 1, sets: 3, reps: 8, weight: 42.5 };

await describeOnBothDatabases('logging workouts', (kind) => {
  const monolith = useMonolith(kind);

  async function countWorkouts(userId: string): Promise<number> {
    const rows = await monolith().db.selectFrom('workouts').select('id').where('user_id', '=', userId).execute();
    return rows.length;
  }

  test('a workout is answered as it was written, with what was left out filled in', async () => {
    const { client } = await newPerson(monolith());
    const performed_at = '2026-01-05T07:00:00.000+01:00';
    const { status, body } = await client.post('/fitness/workouts', {
      performed_at,
      exercises: [bench, { exercise_id: 2, reps: 12 }],
    });
    expect(status).toBe(201);
    expect(loggedWorkoutSchema.parse(body)).toMatchObject({
      performed_at: '2026-01-05T06:00:00.000Z',
      exercises: [bench, { exercise_id: 2, sets: 1, reps: 12, weight: 0 }],
    });
  });

  test('the same key and body get the same answer, and one workout', async () => {
    const { id, client } = await newPerson(monolith());
    const key = { 'idempotency-key': 'morning run' };
    const first = await client.post('/fitness/workouts', { exercises: [bench] }, key);
    const again = await client.post(
      '/fitness/workouts',
      { exercises: [{ weight: 42.5, reps: 8, sets: 3, exercise_id: 1 }] },
      key,
    );
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(await countWorkouts(id)).toBe(1);
  });

  test('ten at once with the same key write one workout, and all get its answer', async () => {
    const { id, client } = await newPerson(monolith());
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.post('/fitness/workouts', { exercises: [bench] }, { 'idempotency-key': 'all at once' }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await countWorkouts(id)).toBe(1);
  });

  test('the same key with another body is 422, and another person may use the key', async () => {
    const [one, other] = [await newPerson(monolith()), await newPerson(monolith())];
    const key = { 'idempotency-key': 'shared' };
    await one.client.post('/fitness/workouts', { exercises: [bench] }, key);
    const reused = await one.client.post('/fitness/workouts', { exercises: [{ ...bench, reps: 9 }] }, key);
    expect(reused.status).toBe(422);
    expect(reused.body).toMatchObject({
      type: 'idempotency-key-reused',
      errors: [{ field: 'Idempotency-Key', value: 'shared' }],
    });
    expect(await countWorkouts(one.id)).toBe(1);
    expect((await other.client.post('/fitness/workouts', { exercises: [bench] }, key)).status).toBe(201);
  });

  test('a refused request leaves its key free', async () => {
    const { id, client } = await newPerson(monolith());
    const key = { 'idempotency-key': 'second try' };
    expect(
      (await client.post('/fitness/workouts', { exercises: [{ exercise_id: 99_999, reps: 1 }] }, key)).status,
    ).toBe(422);
    expect((await client.post('/fitness/workouts', { exercises: [bench] }, key)).status).toBe(201);
    expect(await countWorkouts(id)).toBe(1);
  });

  test('a key is let go after a day, not before', async () => {
    const { id, client } = await newPerson(monolith());
    const log = () => client.post('/fitness/workouts', { exercises: [bench] }, { 'idempotency-key': 'daily' });
    await log();
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
    await purgeIdempotencyKeys(monolith().db, inHours(23));
    await log();
    expect(await countWorkouts(id)).toBe(1);
    await purgeIdempotencyKeys(monolith().db, inHours(25));
    await log();
    expect(await countWorkouts(id)).toBe(2);
  });

  test('an exercise that does not exist is named with its place, and nothing is written', async () => {
    const { id, client } = await newPerson(monolith());
    const { status, body } = await client.post('/fitness/workouts', {
      exercises: [bench, { exercise_id: 99_999, reps: 1 }],
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      type: 'unknown-exercise',
      errors: [{ field: 'exercises.1.exercise_id', value: 99_999 }],
    });
    expect(await countWorkouts(id)).toBe(0);
  });

  test.each<[string, unknown, string]>([
    ['the far future', { performed_at: '2999-01-01T00:00:00Z', exercises: [bench] }, 'performed_at'],
    ['before all workouts', { performed_at: '0001-01-01T00:00:00Z', exercises: [bench] }, 'performed_at'],
    ['no instant', { performed_at: 'yesterday', exercises: [bench] }, 'performed_at'],
    ['a date without a zone', { performed_at: '2026-01-01T00:00:00', exercises: [bench] }, 'performed_at'],
    ['no exercises', { exercises: [] }, 'exercises'],
    ['no reps', { exercises: [{ exercise_id: 1 }] }, 'exercises.0.reps'],
    ['negative weight', { exercises: [{ ...bench, weight: -1 }] }, 'exercises.0.weight'],
    ['an id beyond the column', { exercises: [{ ...bench, exercise_id: 2 ** 31 }] }, 'exercises.0.exercise_id'],
    ['a fraction of a rep', { exercises: [{ ...bench, reps: 1.5 }] }, 'exercises.0.reps'],
    ['an unknown field', { exercises: [bench], user_id: 'someone' }, 'user_id'],
    ['an array', [], '(whole)'],
    ['nothing', 'null', '(whole)'],
  ])('%s is 400 naming the field, and nothing is written', async (_what, workout, field) => {
    const { id, client } = await newPerson(monolith());
    const { status, body } = await client.post('/fitness/workouts', workout);
    expect({ status, type: body.type }).toEqual({ status: 400, type: 'validation-failed' });
    expect(body.errors.map((error: { field: string }) => error.field)).toContain(field);
    expect(await countWorkouts(id)).toBe(0);
  });

  test.each<[string, string, Record<string, string>, number, string]>([
    ['not JSON', '{"exercises":', {}, 400, 'invalid-json'],
    ['larger than 64 KiB', `"${'x'.repeat(65_536)}"`, {}, 413, 'body-too-large'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=latin1' }, 415, 'unsupported-media-type'],
    ['an empty key', '{}', { 'idempotency-key': '' }, 400, 'validation-failed'],
    ['a key of 256', '{}', { 'idempotency-key': 'k'.repeat(256) }, 400, 'validation-failed'],
    ['a key that is not ASCII', '{}', { 'idempotency-key': 'schlüssel' }, 400, 'validation-failed'],
  ])('a body or key that is %s gets its own status', async (_what, text, headers, status, type) => {
    const { client } = await newPerson(monolith());
    const answer = await client.post('/fitness/workouts', text, headers);
    expect({ status: answer.status, type: answer.body.type }).toEqual({ status, type });
  });

  test.each([
    ['Pacific/Auckland', '2026-04-05', '2026-04-04T11:00:00Z', '2026-04-05T11:59:59Z'], // 25 hours
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00Z', '2026-03-09T03:59:59Z'], // 23 hours
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z', '2026-04-24T20:59:59Z'], // begins at 01:00
    ['Asia/Kathmandu', '2026-02-01', '2026-01-31T18:15:00Z', '2026-02-01T18:14:59Z'],
    ['UTC', '2024-02-29', '2024-02-29T00:00:00Z', '2024-02-29T23:59:59Z'],
  ])('the day %s %s has its first and last second, and not the ones beside', async (zone, date, first, last) => {
    const { client } = await newPerson(monolith(), zone);
    const second = 1000;
    const instants = [Date.parse(first) - second, Date.parse(first), Date.parse(last), Date.parse(last) + second];
    for (const [index, instant] of instants.entries()) {
      await client.post('/fitness/workouts', {
        performed_at: new Date(instant).toISOString(),
        exercises: [{ exercise_id: 40 - index, reps: 5 }],
      });
    }
    const { body } = await client.get(`/fitness/history?date=${date}`);
    expect(historySchema.parse(body)).toEqual({ date, exercise_ids: [38, 39] });
  });

  test("history is the caller's own, each exercise once", async () => {
    const [one, other] = [await newPerson(monolith()), await newPerson(monolith())];
    const workout = { performed_at: '2026-01-05T12:00:00Z', exercises: [bench, { ...bench, exercise_id: 7 }, bench] };
    await one.client.post('/fitness/workouts', workout);
    expect((await one.client.get('/fitness/history?date=2026-01-05')).body.exercise_ids).toEqual([1, 7]);
    expect((await other.client.get('/fitness/history?date=2026-01-05')).body.exercise_ids).toEqual([]);
  });

  test.each(['0000-01-01', '0001-01-01', '9999-12-31'])('no workout can be on %s, which is no error', async (date) => {
    const { client } = await newPerson(monolith());
    expect((await client.get(`/fitness/history?date=${date}`)).body).toEqual({ date, exercise_ids: [] });
  });

  test.each([
    '',
    '?date=',
    '?date=2026-02-30',
    '?date=05.01.2026',
    '?date=2026-01-05&date=2026-01-06',
    '?date[]=2026-01-05',
  ])('history%s is 400 naming the date', async (query) => {
    const { client } = await newPerson(monolith());
    const { status, body } = await client.get(`/fitness/history${query}`);
    expect(status).toBe(400);
    expect(body.errors.map((error: { field: string }) => error.field)).toContain('date');
  });
});
