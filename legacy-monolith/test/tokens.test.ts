import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import { BAD_TOKENS, GOOD_AUTHORIZATIONS } from '@fit/test-kit/tokens';
import { describeOnBothDatabases } from './support/databases.ts';
import { forgerOf, newPerson, useMonolith } from './support/monolith.ts';
import { rawGet } from './support/raw-request.ts';

const PROTECTED = ['/exercises', '/exercises/1', '/muscle-groups', '/fitness/history?date=2026-01-05', '/fitness/wod'];

await describeOnBothDatabases('tokens', (kind) => {
  const monolith = useMonolith(kind);

  describe.each(BAD_TOKENS)('$name', ({ authorization }) => {
    test('is 401 with a challenge', async () => {
      const headers = authorization(forgerOf(monolith())).map((value) => ['authorization', value] as const);
      for (const path of PROTECTED) {
        const answer = await rawGet(monolith().url + path, headers);
        expect({ path, status: answer.status }).toEqual({ path, status: 401 });
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="fit"/);
        expect(problemSchema.parse(JSON.parse(answer.text))).toMatchObject({
          type: 'unauthorized',
          service: 'legacy-monolith',
        });
      }
    });
  });

  test.each(GOOD_AUTHORIZATIONS)('$name is taken', async ({ authorization }) => {
    const headers = authorization(forgerOf(monolith())).map((value) => ['authorization', value] as const);
    expect((await rawGet(`${monolith().url}/muscle-groups`, headers)).status).toBe(200);
  });

  test('a good token of an account that is gone is 401 where the account matters', async () => {
    const nobody = monolith().client(forgerOf(monolith()).issue({ sub: randomUUID() }));
    const { status, body } = await nobody.post('/fitness/workouts', { exercises: [{ exercise_id: 1, reps: 1 }] });
    expect({ status, type: body.type }).toEqual({ status: 401, type: 'unauthorized' });
    const noUuid = monolith().client(forgerOf(monolith()).issue({ sub: 'user-1' }));
    expect((await noUuid.get('/fitness/wod')).status).toBe(401);
  });

  test.each(['Mars/Olympus_Mons', '+05:30', '', 7])('the time zone %j is UTC, and counted', async (zoneinfo) => {
    const { id } = await newPerson(monolith());
    const client = monolith().client(forgerOf(monolith()).issue({ sub: id, zoneinfo }));
    await client.post('/fitness/workouts', {
      performed_at: '2026-01-05T23:59:59Z',
      exercises: [{ exercise_id: 3, reps: 5 }],
    });
    const counted = async () =>
      Number(/^fit_unknown_time_zone_total\S* (\d+)$/m.exec((await client.get('/metrics')).text)?.[1]);
    const before = await counted();
    expect((await client.get('/fitness/history?date=2026-01-05')).body.exercise_ids).toEqual([3]);
    expect(await counted()).toBe(before + 1);
  });
});
