import { describe, expect, test } from '@jest/globals';
import { suggest, workoutOfTheDaySchema } from '@fit/contracts/workout-of-the-day';
import { problemSchema } from '@fit/contracts/problem';
import { sendJson } from '@fit/test-kit/recorder';
import { BAD_TOKENS, GOOD_AUTHORIZATIONS } from '@fit/test-kit/tokens';
import { makeExercises, serveHistory, startCoachRig } from './coach-rig.ts';

describe('GET /fitness/wod', () => {
  test('is six exercises of the catalogue as the contract shows them, none of them from yesterday', async () => {
    await using rig = await startCoachRig();
    rig.clock.wall = new Date('2026-06-15T10:00:00.123Z');
    rig.routes.history = serveHistory([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { status, headers, json } = await rig.workout();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-served-by': 'coach' });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const workout = workoutOfTheDaySchema.parse(json);
    expect(workout.generated_at).toBe('2026-06-15T10:00:00.123Z');
    expect(new Set(workout.exercises.map(({ id }) => id)).size).toBe(6);
    const known = makeExercises(40).map(suggest);
    for (const exercise of workout.exercises) {
      expect(exercise.id).toBeGreaterThan(10);
      expect(exercise).toEqual(known.find(({ id }) => id === exercise.id));
    }
  });

  test("calls the monolith with the caller's own token, request id and trace", async () => {
    await using rig = await startCoachRig();
    const token = rig.issuer.issue({ sub: 'somebody' });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await rig.workout({ token, headers: { 'X-Request-ID': 'req-1', traceparent } });
    expect(rig.monolith.requestsTo('/fitness/history')).toHaveLength(1);
    for (const path of ['/exercises', '/fitness/history']) {
      expect(rig.monolith.requestsTo(path)[0]?.headers).toMatchObject({
        authorization: `Bearer ${token}`,
        'x-request-id': 'req-1',
        traceparent,
      });
    }
  });

  test.each([
    'garbage',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  ])('passes no malformed trace on: %s', async (traceparent) => {
    await using rig = await startCoachRig();
    expect((await rig.workout({ headers: { traceparent } })).status).toBe(200);
    expect(rig.monolith.requestsTo('/fitness/history')[0]?.headers['traceparent']).toBeUndefined();
  });

  test('counts who asks, whatever the answer', async () => {
    await using rig = await startCoachRig();
    const counted = async () => {
      const count = async (caller: string) => await rig.metric('fit_workout_requests_total', `caller="${caller}"`);
      return [await count('edge'), await count('mirror'), await count('direct')];
    };
    expect((await rig.get('/metrics')).text).toMatch(/^fit_workout_requests_total\{caller="direct"\S* 0$/m);
    const byEdge = { via: '1.1 edge', 'x-edge-timeout-ms': '60000' };
    expect((await rig.workout({ headers: byEdge })).status).toBe(200);
    expect((await rig.get('/fitness/wod', { headers: byEdge })).status).toBe(401);
    expect((await rig.workout({ headers: { ...byEdge, 'x-edge-mirror': '1' } })).status).toBe(200);
    await rig.workout();
    await rig.workout({ method: 'HEAD' });
    await rig.workout({ method: 'POST' });
    expect(await counted()).toEqual([2, 1, 2]);
  });

  test('asks for the history anew each time, for the catalogue once', async () => {
    await using rig = await startCoachRig();
    for (let i = 0; i < 5; i++) await rig.workout();
    expect(rig.monolith.requestsTo('/fitness/history')).toHaveLength(5);
    expect(rig.monolith.requestsTo('/exercises')).toHaveLength(1);
  });

  test('ignores exercises of yesterday that have left the catalogue', async () => {
    await using rig = await startCoachRig({ exercises: makeExercises(7) });
    rig.routes.history = serveHistory([7, 900, 901]);
    const { status, json } = await rig.workout();
    expect(status).toBe(200);
    expect(json.exercises.map(({ id }: { id: number }) => id).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    [5, [], 5],
    [6, [3], 5],
    [12, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 0],
    [0, [], 0],
  ])('of %d exercises without %j is 409 and says that %d are left', async (count, completed, available) => {
    await using rig = await startCoachRig({ exercises: makeExercises(count) });
    rig.routes.history = serveHistory(completed);
    const { status, headers, json } = await rig.workout();
    expect(status).toBe(409);
    expect(problemSchema.parse(json)).toMatchObject({
      type: 'not-enough-exercises',
      required: 6,
      available,
      service: 'coach-service',
    });
    expect(headers['x-served-by']).toBe('coach');
    expect(headers['x-failed-dependency']).toBeUndefined();
  });

  test('takes UTC for an unknown time zone and counts it', async () => {
    await using rig = await startCoachRig();
    rig.clock.wall = new Date('2026-06-15T00:30:00Z');
    const { status } = await rig.workout({ token: rig.issuer.issue({ zoneinfo: 'Mars/Olympus' }) });
    expect(status).toBe(200);
    expect(rig.monolith.requestsTo('/fitness/history')[0]?.url).toBe('/fitness/history?date=2026-06-14');
    expect(await rig.metric('coach_unknown_time_zones_total')).toBe(1);
    await rig.workout({ token: rig.issuer.issue({ zoneinfo: 'Europe/Berlin' }) });
    expect(await rig.metric('coach_unknown_time_zones_total')).toBe(1);
  });
});

describe('tokens', () => {
  test.each(BAD_TOKENS)('$name: 401 with a challenge, and the monolith hears nothing', async ({ authorization }) => {
    await using rig = await startCoachRig();
    const { status, headers, json } = await rig.get('/fitness/wod', { authorization: authorization(rig.issuer) });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="fit"/);
    expect(headers['x-served-by']).toBe('coach');
    expect(problemSchema.parse(json).type).toBe('unauthorized');
    expect(rig.monolith.requestsTo('/exercises')).toHaveLength(0);
    expect(rig.monolith.requestsTo('/fitness/history')).toHaveLength(0);
  });

  test.each(GOOD_AUTHORIZATIONS)('$name: 200', async ({ authorization }) => {
    await using rig = await startCoachRig();
    expect((await rig.get('/fitness/wod', { authorization: authorization(rig.issuer) })).status).toBe(200);
  });
});

describe('around it', () => {
  test.each(['POST', 'OPTIONS'] as const)('%s is 405 with Allow', async (method) => {
    await using rig = await startCoachRig();
    const { status, headers } = await rig.workout({ method });
    expect(status).toBe(405);
    expect(headers).toMatchObject({ allow: 'GET, HEAD', 'x-served-by': 'coach' });
  });

  test('HEAD is GET without a body', async () => {
    await using rig = await startCoachRig();
    const { status, headers, text } = await rig.workout({ method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers['content-length'])).toBeGreaterThan(0);
  });

  test.each(['/fitness/wod/', '/Fitness/wod', '/nothing', '/fitness/wod%00'])('%s is 404', async (path) => {
    await using rig = await startCoachRig();
    const { status, headers } = await rig.get(path, { token: rig.issuer.issue() });
    expect(status).toBe(404);
    expect(headers['x-served-by']).toBe('coach');
  });

  test('the OpenAPI document is served', async () => {
    await using rig = await startCoachRig();
    expect(Object.keys((await rig.get('/openapi.json')).json.paths)).toEqual(['/fitness/wod']);
  });

  test('is ready once the keys were loaded, and stays so while the monolith is down', async () => {
    const held = Promise.withResolvers<void>();
    await using rig = await startCoachRig({
      keys: async (_request, res) => {
        await held.promise;
        sendJson(res, rig.issuer.jwks);
      },
    });
    const before = await rig.get('/ready');
    expect([before.status, before.json.type, before.headers['retry-after']]).toEqual([503, 'not-ready', '1']);
    held.resolve();
    await rig.coach.ready;
    expect((await rig.get('/ready')).status).toBe(200);
    await rig.monolith.refuse();
    expect((await rig.workout()).status).toBe(503);
    expect((await rig.get('/ready')).status).toBe(200);
    expect((await rig.get('/health')).json.dependencies).toEqual({ 'legacy-monolith': 'down' });
  });

  test('health knows nothing of the monolith before the first call', async () => {
    await using rig = await startCoachRig();
    expect((await rig.get('/health')).json.dependencies).toEqual({ 'legacy-monolith': 'unknown' });
    await rig.workout();
    expect((await rig.get('/health')).json.dependencies).toEqual({ 'legacy-monolith': 'up' });
  });
});
