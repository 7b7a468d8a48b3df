import { request } from 'node:http';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { yesterdayIn, dayBounds } from '@fit/contracts/calendar';
import { workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import { uniformityPValue } from '@fit/test-kit/chi-square';
import { CatalogueCache } from '../src/exercises/catalogue-cache.ts';
import { generateWorkout } from '../src/fitness/generate-workout.ts';
import { insertWorkout } from '../src/fitness/workout-store.ts';
import { describeOnBothDatabases, pglite } from './support/databases.ts';
import { newPerson, smallCatalogue, useMonolith } from './support/monolith.ts';

/** One in a thousand million runs of a true uniform draw looks worse. */
const LEAST_P = 1e-9;

await describeOnBothDatabases('the workout of the day', (kind) => {
  const clock = { now: new Date('2026-03-10T12:00:00Z') };
  const monolith = useMonolith(kind, {}, { catalogue: smallCatalogue(8) });
  let catalogue: CatalogueCache;
  const generate = async (userId: string, timeZone = 'UTC') =>
    await generateWorkout({ db: monolith().db, catalogue, now: () => clock.now }, { userId, timeZone });
  const performed = async (userId: string, performedAt: Date, ids: number[]) => {
    const exercises = ids.map((exercise_id) => ({ exercise_id, sets: 1, reps: 1, weight: 0 }));
    await insertWorkout(monolith().db, { userId, performedAt, exercises });
  };

  beforeEach(() => {
    catalogue ??= new CatalogueCache(monolith().db);
    clock.now = new Date('2026-03-10T12:00:00Z');
  });

  test('keeps the contract, prescribed by the rules that the coach has too', async () => {
    const { client } = await newPerson(monolith());
    const { status, headers, body } = await client.get('/fitness/wod');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const { exercises } = workoutOfTheDaySchema.parse(body);
    expect(new Set(exercises.map(({ id }) => id)).size).toBe(6);
    const fourth = exercises.find(({ id }) => id === 4);
    if (fourth) expect(fourth).toMatchObject({ difficulty: 4, suggested_weight: 8.5, suggested_reps: 7 });
  });

  test('every six of eight exercises are equally likely', async () => {
    const { id } = await newPerson(monolith());
    const subsets = 28;
    const draws = subsets * 60;
    const counts = new Map<string, number>();
    for (let draw = 0; draw < draws; draw += 1) {
      const { exercises } = await generate(id);
      const subset = exercises
        .map((exercise) => exercise.id)
        .toSorted((a, b) => a - b)
        .join();
      counts.set(subset, (counts.get(subset) ?? 0) + 1);
    }
    expect(counts.size).toBe(subsets);
    expect(uniformityPValue([...counts.values()])).toBeGreaterThan(LEAST_P);
  });

  test.each([
    ['UTC', '2026-03-10T00:00:00Z'],
    ['Europe/Berlin', '2026-03-30T00:30:00+02:00'], // yesterday had 23 hours
    ['Europe/Berlin', '2026-10-26T00:30:00+01:00'], // yesterday had 25 hours
    ['America/New_York', '2026-03-09T00:00:00-04:00'],
    ['America/Sao_Paulo', '2026-01-01T12:00:00-03:00'],
    ['Asia/Kathmandu', '2026-06-15T23:59:59+05:45'],
    ['Australia/Lord_Howe', '2026-04-06T10:00:00+10:30'], // half an hour of daylight saving
    ['Pacific/Kiritimati', '2026-01-01T00:00:00+14:00'],
    ['Pacific/Pago_Pago', '2026-01-01T23:59:59-11:00'],
    ['Africa/Cairo', '2026-04-25T00:00:00+03:00'], // yesterday began at 01:00
    ['Asia/Tehran', '2026-03-21T08:00:00+03:30'],
  ])('in %s at %s yesterday is left out from its first to its last second, and nothing else', async (zone, now) => {
    const { id } = await newPerson(monolith());
    clock.now = new Date(now);
    const { from, to } = dayBounds(yesterdayIn(zone, clock.now), zone);
    await performed(id, new Date(from.getTime() - 1000), [3]);
    await performed(id, from, [1]);
    await performed(id, new Date(to.getTime() - 1000), [2]);
    await performed(id, to, [4]);
    for (let draw = 0; draw < 5; draw += 1) {
      const { exercises } = await generate(id, zone);
      expect(exercises.map((exercise) => exercise.id).toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8]);
    }
  });

  test('who asks is counted, whatever the answer', async () => {
    const { client, token } = await newPerson(monolith());
    const counted = async () => {
      const { text } = await client.get('/metrics');
      const value = (caller: string) =>
        Number(new RegExp(`^fit_workout_requests_total\\{caller="${caller}"\\S* (\\d+)$`, 'm').exec(text)?.[1]);
      return { edge: value('edge'), mirror: value('mirror'), direct: value('direct') };
    };
    const before = await counted();
    expect(Object.values(before).every(Number.isInteger)).toBe(true);
    const byEdge = { via: '1.1 edge', 'x-edge-timeout-ms': '800' };
    expect((await client.get('/fitness/wod', byEdge)).status).toBe(200);
    expect((await monolith().client().get('/fitness/wod', byEdge)).status).toBe(401);
    expect((await client.get('/fitness/wod?x=1', { ...byEdge, 'x-edge-mirror': '1' })).status).toBe(200);
    for (let call = 0; call < 3; call++) await client.get('/fitness/wod');
    const head = await fetch(`${monolith().url}/fitness/wod`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(head.status).toBe(200);
    await client.get('/exercises');
    await client.post('/fitness/wod', {});
    expect(await counted()).toEqual({
      edge: before.edge + 2,
      mirror: before.mirror + 1,
      direct: before.direct + 4,
    });
  });

  test("another person's yesterday does not matter", async () => {
    const [one, other] = [await newPerson(monolith()), await newPerson(monolith())];
    await performed(other.id, new Date('2026-03-09T12:00:00Z'), [1, 2, 3]);
    expect((await generate(one.id)).exercises).toHaveLength(6);
  });

  test.each([
    [[1, 2, 3], 5],
    [[1, 2, 3, 4, 5, 6, 7, 8], 0],
  ])('after %j yesterday it is 409 with the counts', async (ids, available) => {
    const { id, client } = await newPerson(monolith());
    const yesterday = new Date(Date.now() - 24 * 3_600_000);
    await performed(id, yesterday, ids);
    const { status, body } = await client.get('/fitness/wod');
    expect(status).toBe(409);
    expect(body).toMatchObject({ type: 'not-enough-exercises', required: 6, available });
  });
});

describe('the cost of the old generator', () => {
  const gates: (() => void)[] = [];
  const cost = () => new Promise<void>((open) => gates.push(open));
  const generator = { costMs: { min: 1000, max: 5000 }, workers: 2, queue: 1 };
  const monolith = useMonolith(pglite, { generator }, { generatorCost: cost });

  async function metric(name: string): Promise<number> {
    const { text } = await monolith().client().get('/metrics');
    return Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1]);
  }
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
  }

  test('two run, one waits, the next gets 503 at once, the other endpoints answer, and a leaver frees its place', async () => {
    const { client, token } = await newPerson(monolith());
    const running = [client.get('/fitness/wod'), client.get('/fitness/wod')];
    await until(async () => gates.length === 2);
    const leaver = request(`${monolith().url}/fitness/wod`, {
      headers: { authorization: `Bearer ${token}` },
      agent: false,
    });
    leaver.on('error', () => undefined).end();
    await until(async () => (await metric('legacy_wod_queued')) === 1);

    const refused = await client.get('/fitness/wod');
    expect({ status: refused.status, type: refused.body.type }).toEqual({ status: 503, type: 'overloaded' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await client.get('/exercises')).status).toBe(200);

    const left = new Promise((resolve) => leaver.once('close', resolve));
    leaver.destroy();
    await left;
    await until(async () => (await metric('legacy_wod_queued')) === 0);
    const waiting = client.get('/fitness/wod');
    await until(async () => (await metric('legacy_wod_queued')) === 1);
    gates.splice(0).forEach((open) => open());
    await until(async () => gates.length === 1);
    gates.splice(0).forEach((open) => open());
    const answers = await Promise.all([...running, waiting]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
