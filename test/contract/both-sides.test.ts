import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dayBounds, yesterdayIn } from '@fit/contracts/calendar';
import { coachServiceDocument } from '@fit/contracts/openapi/coach-service';
import { legacyMonolithDocument } from '@fit/contracts/openapi/legacy-monolith';
import type { WorkoutOfTheDay } from '@fit/contracts/workout-of-the-day';
import { createResponseCheck } from '@fit/test-kit/openapi-responses';
import { BAD_TOKENS, GOOD_AUTHORIZATIONS } from '@fit/test-kit/tokens';
import { startCoach } from '../../coach-service/src/app.ts';
import type { Coach } from '../../coach-service/src/app.ts';
import { coachConfigFrom } from '../../coach-service/src/config/env.ts';
import { pglite } from '../../legacy-monolith/test/support/databases.ts';
import { forgerOf, newPerson, silent, useMonolith } from '../../legacy-monolith/test/support/monolith.ts';
import { rawGet } from '../../legacy-monolith/test/support/raw-request.ts';

/** What both sides promise about the workout of the day, asked of each over a real socket, with the same accounts. */
const monolith = useMonolith(pglite);
let coach: Coach;
beforeAll(async () => {
  const env = { PORT: '0', LEGACY_URL: monolith().url, CATALOGUE_FRESH_MS: '0', LEGACY_TIMEOUT_MS: '10000' };
  coach = await startCoach(coachConfigFrom(env), { logger: silent });
  while (coach.readiness.state !== 'ready') await new Promise((turn) => setImmediate(turn));
});
afterAll(async () => await coach.close());

const SIDES = [
  { side: 'legacy', document: legacyMonolithDocument, url: () => monolith().url },
  { side: 'coach', document: coachServiceDocument, url: () => coach.url },
] as const;

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Africa/Cairo',
  'America/Santiago',
];

describe.each(SIDES)('GET /fitness/wod from $side', ({ side, document, url }) => {
  const check = createResponseCheck(document);
  const ask = async (...authorization: string[]) => {
    const answer = await rawGet(
      `${url()}/fitness/wod`,
      authorization.map((value) => ['authorization', value] as const),
    );
    const contentType = String(answer.headers['content-type']);
    const body: unknown = JSON.parse(answer.text);
    expect(check({ method: 'GET', path: '/fitness/wod', status: answer.status, contentType, body })).toEqual([]);
    expect(answer.headers['x-served-by']).toBe(side);
    expect(answer.headers['cache-control']).toBe('no-store');
    return { ...answer, body };
  };

  test('is documented word for word as on the other side', () => {
    expect(document.paths?.['/fitness/wod']).toEqual(coachServiceDocument.paths?.['/fitness/wod']);
  });

  test('has six exercises, none twice, in ever new draws', async () => {
    const { token } = await newPerson(monolith());
    const draws = await Promise.all(Array.from({ length: 20 }, () => ask(`Bearer ${token}`)));
    for (const { status, body } of draws) {
      expect(status).toBe(200);
      expect(idsOf(body).size).toBe(6);
    }
    expect(new Set(draws.map(({ body }) => [...idsOf(body)].join())).size).toBeGreaterThan(1);
  });

  test.each(ZONES)('has nothing from yesterday in %s, and may have today and the day before', async (zone) => {
    await withinOneDay(zone, async (yesterday) => {
      const { token, client } = await newPerson(monolith(), zone);
      const { from, to } = dayBounds(yesterday, zone);
      const log = async (at: Date, ids: number[]) => {
        for (let start = 0; start < ids.length; start += 50) {
          const exercises = ids.slice(start, start + 50).map((id) => ({ exercise_id: id, reps: 5 }));
          const { status } = await client.post('/fitness/workouts', { performed_at: at.toISOString(), exercises });
          expect(status).toBe(201);
        }
      };
      const all = await catalogueIds(client);
      const [before, first, last, rest] = [all.slice(0, 3), all.slice(3, 110), all.slice(110, -3), all.slice(-3)];
      await log(new Date(from.getTime() - 1), before);
      await log(from, first);
      await log(new Date(to.getTime() - 1), last);
      await log(to, rest);
      const { body } = await ask(`Bearer ${token}`);
      expect(idsOf(body)).toEqual(new Set([...before, ...rest]));
    });
  });

  test('with fewer than six candidates is a 409 that counts them', async () => {
    await withinOneDay('UTC', async (yesterday) => {
      const { token, client } = await newPerson(monolith());
      const noon = new Date(dayBounds(yesterday, 'UTC').from.getTime() + 12 * 3_600_000);
      const done = (await catalogueIds(client)).slice(5);
      for (let start = 0; start < done.length; start += 50) {
        const exercises = done.slice(start, start + 50).map((id) => ({ exercise_id: id, reps: 5 }));
        await client.post('/fitness/workouts', { performed_at: noon.toISOString(), exercises });
      }
      const { status, body } = await ask(`Bearer ${token}`);
      expect({ status, body }).toMatchObject({
        status: 409,
        body: { type: 'not-enough-exercises', required: 6, available: 5 },
      });
    });
  });

  test.each(BAD_TOKENS)('$name is 401 with a challenge', async ({ authorization }) => {
    const { status, headers, body } = await ask(...authorization(forgerOf(monolith())));
    expect({ status, body }).toMatchObject({ status: 401, body: { type: 'unauthorized' } });
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="fit"/);
  });

  test.each(GOOD_AUTHORIZATIONS)('$name is taken', async ({ authorization }) => {
    const { id } = await newPerson(monolith());
    const { issue, ...forger } = forgerOf(monolith());
    const ofPerson = { ...forger, issue: (claims = {}, header = {}) => issue({ sub: id, ...claims }, header) };
    expect((await ask(...authorization(ofPerson))).status).toBe(200);
  });

  test('an unknown time zone is UTC', async () => {
    await withinOneDay('UTC', async (yesterday) => {
      const { id, client } = await newPerson(monolith());
      const { from } = dayBounds(yesterday, 'UTC');
      const all = await catalogueIds(client);
      await client.post('/fitness/workouts', {
        performed_at: from.toISOString(),
        exercises: all.slice(0, 50).map((exercise_id) => ({ exercise_id, reps: 1 })),
      });
      const { status, body } = await ask(`Bearer ${forgerOf(monolith()).issue({ sub: id, zoneinfo: 'Mars/Olympus' })}`);
      expect(status).toBe(200);
      expect([...idsOf(body)].filter((exercise) => all.slice(0, 50).includes(exercise))).toEqual([]);
    });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405 with Allow', async (method) => {
    const answer = await fetch(`${url()}/fitness/wod`, { method });
    expect({ status: answer.status, allow: answer.headers.get('allow') }).toEqual({ status: 405, allow: 'GET, HEAD' });
    expect(await answer.json()).toMatchObject({ type: 'method-not-allowed', status: 405 });
  });

  test.each(['/fitness/wod/', '/Fitness/wod', '//fitness/wod', '/fitness%2Fwod', '/nowhere'])(
    '%s is 404',
    async (path) => {
      const answer = await rawGet(url() + path, []);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.text)).toMatchObject({ type: 'not-found', instance: path });
    },
  );

  test('echoes a sane request id and shows it in problems', async () => {
    const answer = await rawGet(`${url()}/fitness/wod`, [['x-request-id', 'abc-1']]);
    expect(answer.headers['x-request-id']).toBe('abc-1');
    expect(JSON.parse(answer.text)).toMatchObject({ correlation_id: 'abc-1' });
  });
});

test('both sides say the same about the same exercise', async () => {
  const { token } = await newPerson(monolith());
  const seen = new Map<number, unknown>();
  for (let draw = 0; draw < 60; draw++) {
    for (const { url } of SIDES) {
      const answer = await rawGet(`${url()}/fitness/wod`, [['authorization', `Bearer ${token}`]]);
      for (const exercise of (JSON.parse(answer.text) as WorkoutOfTheDay).exercises) {
        expect(exercise).toEqual(seen.get(exercise.id) ?? exercise);
        seen.set(exercise.id, exercise);
      }
    }
  }
});

/** What a midnight fell into says nothing and is tried again. */
async function withinOneDay(zone: string, attempt: (yesterday: string) => Promise<void>): Promise<void> {
  const yesterday = yesterdayIn(zone, new Date());
  try {
    await attempt(yesterday);
  } catch (error) {
    if (yesterdayIn(zone, new Date()) === yesterday) throw error;
    await withinOneDay(zone, attempt);
  }
}

function idsOf(body: unknown): Set<number> {
  return new Set((body as WorkoutOfTheDay).exercises.map(({ id }) => id));
}

async function catalogueIds(client: { get: (path: string) => Promise<{ body: { exercises: { id: number }[] } }> }) {
  const { body } = await client.get('/exercises');
  return body.exercises.map(({ id }) => id);
}
