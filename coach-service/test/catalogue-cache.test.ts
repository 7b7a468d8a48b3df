import { describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { etagOf, eventually, makeExercises, serveCatalogue, startCoachRig } from './coach-rig.ts';
import type { CoachRig } from './coach-rig.ts';

const env = { CATALOGUE_FRESH_MS: '1000', CATALOGUE_STALE_MS: '100000' };
const asks = ({ monolith }: CoachRig) => monolith.requestsTo('/exercises');
const failing: Behaviour = (_request, res) => void res.writeHead(500).end();

/** Exercises that no other version has, so that an answer shows which version it was drawn from. */
const VERSION_2 = makeExercises(20).map((exercise) => ({ ...exercise, id: exercise.id + 1000 }));
const drawnFrom = async (rig: CoachRig) => {
  const { status, json } = await rig.workout();
  expect(status).toBe(200);
  return json.exercises[0].id > 1000 ? 'version 2' : 'version 1';
};
const ageIs = (rig: CoachRig, seconds: number) =>
  eventually(async () => (await rig.metric('coach_catalogue_age_seconds')) === seconds);

describe('while it is fresh', () => {
  test('nobody asks the monolith', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.clock.elapsed = 999;
    await rig.workout();
    expect(asks(rig)).toHaveLength(1);
  });
});

describe('once it is stale', () => {
  test('it is served at once while one flight asks with its ETag; 304 makes it fresh again', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    expect(asks(rig)[0]?.headers['if-none-match']).toBeUndefined();
    rig.clock.elapsed = 1000;
    expect(await drawnFrom(rig)).toBe('version 1');
    await ageIs(rig, 0);
    expect(asks(rig).map(({ headers }) => headers['if-none-match'])).toEqual([undefined, etagOf('v1')]);
    expect(
      await rig.metric('coach_upstream_request_duration_seconds_count', 'endpoint="catalogue",outcome="not-modified"'),
    ).toBe(1);
    rig.clock.elapsed = 1999;
    await rig.workout();
    expect(asks(rig)).toHaveLength(2);
  });

  test('a new version is taken over', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.routes.catalogue = serveCatalogue(VERSION_2, 'v2');
    rig.clock.elapsed = 1000;
    expect(await drawnFrom(rig)).toBe('version 1');
    await ageIs(rig, 0);
    expect(await drawnFrom(rig)).toBe('version 2');
  });

  test('fifty people at once make one revalidation', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.clock.elapsed = 1000;
    const held = Promise.withResolvers<void>();
    rig.routes.catalogue = async (request, res) => {
      await held.promise;
      await serveCatalogue(makeExercises(40))(request, res);
    };
    const answers = await Promise.all(Array.from({ length: 50 }, () => rig.workout()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(asks(rig)).toHaveLength(2);
    held.resolve();
    await ageIs(rig, 0);
  });

  test('a failing monolith is asked again after a second, not by every request', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.routes.catalogue = failing;
    rig.clock.elapsed = 1000;
    await rig.workout();
    await eventually(async () => (await rig.get('/health')).json.dependencies['legacy-monolith'] === 'down');
    for (let i = 0; i < 10; i++) expect(await drawnFrom(rig)).toBe('version 1');
    expect(asks(rig)).toHaveLength(2);
    rig.clock.elapsed = 2000;
    await rig.workout();
    await rig.monolith.arrived('/exercises', 3);
  });

  test.each<[string, Behaviour]>([
    ['fails', failing],
    ['answers nonsense', (_request, res) => sendJson(res, { exercises: [{ id: 0 }] })],
    ['refuses the token', (_request, res) => void res.writeHead(401).end()],
    ['hangs up', (_request, res) => void res.destroy()],
  ])('the good one is kept where the monolith %s, until the bound', async (_name, behaviour) => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.routes.catalogue = behaviour;
    for (rig.clock.elapsed of [1000, 50_000, 99_999]) expect(await drawnFrom(rig)).toBe('version 1');
    rig.clock.elapsed = 100_000;
    expect((await rig.workout()).status).toBeGreaterThanOrEqual(400);
    rig.routes.catalogue = serveCatalogue(makeExercises(40));
    expect(await drawnFrom(rig)).toBe('version 1');
  });

  test('it is served while the monolith refuses connections, and 503 follows past the bound', async () => {
    await using rig = await startCoachRig({ env });
    await rig.workout();
    rig.clock.elapsed = 100_000;
    rig.routes.catalogue = failing;
    const { status, json } = await rig.workout();
    expect([status, json.type]).toEqual([503, 'dependency-unavailable']);
  });

  test('one without an ETag is asked for whole', async () => {
    await using rig = await startCoachRig({ env });
    rig.routes.catalogue = (_request, res) => sendJson(res, { exercises: makeExercises(10) });
    await rig.workout();
    rig.clock.elapsed = 1000;
    await rig.workout();
    await ageIs(rig, 0);
    expect(asks(rig).map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
  });
});

describe('before there is one', () => {
  test('fifty people at once share one flight', async () => {
    await using rig = await startCoachRig({ env });
    const held = Promise.withResolvers<void>();
    rig.routes.catalogue = async (request, res) => {
      await held.promise;
      await serveCatalogue(makeExercises(40))(request, res);
    };
    const answers = Promise.all(Array.from({ length: 50 }, () => rig.workout()));
    await rig.monolith.arrived('/fitness/history', 50);
    held.resolve();
    expect((await answers).every(({ status }) => status === 200)).toBe(true);
    expect(asks(rig)).toHaveLength(1);
  });

  test('the flight goes on when the one whose token it has leaves', async () => {
    await using rig = await startCoachRig({ env });
    const held = Promise.withResolvers<void>();
    rig.routes.catalogue = async (request, res) => {
      await held.promise;
      await serveCatalogue(makeExercises(40))(request, res);
    };
    const leaving = new AbortController();
    const first = rig.workout({ signal: leaving.signal }).catch(() => 'left');
    await rig.monolith.arrived('/exercises', 1);
    const second = rig.workout();
    await rig.monolith.arrived('/fitness/history', 2);
    leaving.abort();
    expect(await first).toBe('left');
    held.resolve();
    expect((await second).status).toBe(200);
    expect(asks(rig)).toHaveLength(1);
  });

  test("one person's refused token is nobody else's: those who waited along ask with their own", async () => {
    await using rig = await startCoachRig({ env });
    const withdrawn = rig.issuer.issue({ sub: 'withdrawn' });
    const held = Promise.withResolvers<void>();
    rig.routes.catalogue = async (request, res) => {
      await held.promise;
      if (request.headers.authorization === `Bearer ${withdrawn}`) return void res.writeHead(401).end();
      await serveCatalogue(makeExercises(40))(request, res);
    };
    const first = rig.workout({ token: withdrawn });
    await rig.monolith.arrived('/exercises', 1);
    const others = [1, 2, 3].map((n) => rig.workout({ token: rig.issuer.issue({ sub: `user-${n}` }) }));
    await rig.monolith.arrived('/fitness/history', 4);
    held.resolve();
    expect((await first).status).toBe(401);
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asks(rig)).toHaveLength(2);
    expect((await rig.workout({ token: withdrawn })).status).toBe(200);
  });

  test('a slow catalogue arrives even though those who waited for it have given up', async () => {
    await using rig = await startCoachRig({ env: { ...env, LEGACY_TIMEOUT_MS: '50' } });
    const held = Promise.withResolvers<void>();
    rig.routes.catalogue = async (request, res) => {
      await held.promise;
      await serveCatalogue(makeExercises(40))(request, res);
    };
    expect((await rig.workout()).status).toBe(503);
    held.resolve();
    await ageIs(rig, 0);
    expect(asks(rig)).toHaveLength(1);
  });
});
