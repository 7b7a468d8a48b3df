import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noTraffic } from '../domain/traffic.ts';
import type { RouteTraffic } from '../domain/traffic.ts';
import { RouteViews } from './route-view.ts';
import {
  auditPageSchema,
  cohortSchema,
  previewSchema,
  replicaListSchema,
  routeViewSchema,
  trafficHistorySchema,
} from './schemas.ts';
import type { RouteView } from './schemas.ts';
import { WOD, expectProblem, putWeight, send } from './test/admin-request.ts';
import { startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function routeOf(edge: AdminServer): Promise<RouteView> {
  const { body } = await send(edge, 'GET', WOD);
  const view = routeViewSchema.parse(body);
  expect(view).toEqual(body);
  return view;
}

describe('several edges', () => {
  let other: AdminServer;

  beforeEach(async () => {
    other = await startAdminServer({ id: 'edge-2', store: server.store.another() });
    await server.plane.round();
  });
  afterEach(async () => {
    await other[Symbol.asyncDispose]();
  });

  test('are listed, this one first, with what each serves', async () => {
    await putWeight(server, { headers: {}, ifMatch: '"0"' });
    await other.plane.round();
    const { body } = await send(other, 'GET', '/admin/v1/replicas');
    const list = replicaListSchema.parse(body);
    expect(list).toEqual(body);
    expect(list.store).toMatchObject({ kind: 'memory', state: 'up' });
    expect(list.replicas).toMatchObject([
      { id: 'edge-2', is_self: true, state: 'live', seen_seconds_ago: 0, revisions: { wod: 1, history: 0 } },
      { id: 'edge-1', is_self: false, state: 'live', revisions: { wod: 1, history: 0 } },
    ]);
    expect(list.replicas[0]!.started_at).toBe('2026-03-01T02:00:00.000Z');
  });

  test('that all serve a change are waited for', async () => {
    const { body } = await send(server, 'PUT', `${WOD}/weight?wait_ms=5000`, {
      ifMatch: '"0"',
      body: { weight: 10, reason: 'first step' },
    });
    expect(body.acknowledged).toEqual({ serving: 2, replicas: 2 });
    expect(body.sentence).toContain('Both edges serve it.');
  });

  test('of which one is cut off are waited for in vain, for as long as was asked', async () => {
    other.store.break(new Error('cut off'));
    const { status, body } = await send(server, 'PUT', `${WOD}/weight?wait_ms=60`, {
      ifMatch: '"0"',
      body: { weight: 10, reason: 'first step' },
    });
    expect({ status, acknowledged: body.acknowledged }).toEqual({
      status: 200,
      acknowledged: { serving: 1, replicas: 2 },
    });
    expect(body.sentence).toMatch(/^Only 1 of 2 edges serves this weight: edge-2 serves revision 0\. 10 % of users /);
  });

  test('of which one fell silent are told by how long ago it was heard of, whatever it served then', async () => {
    const { body } = await send(server, 'PUT', `${WOD}/weight?wait_ms=5000`, {
      ifMatch: '"0"',
      body: { weight: 10, reason: 'first step' },
    });
    expect(body.acknowledged).toEqual({ serving: 2, replicas: 2 });
    const { control } = server.plane;
    const replicas = () => {
      const [self, ...others] = control.replicas();
      return [self!, ...others.map((each) => ({ ...each, seenMsAgo: 12_400 }))];
    };
    const views = new RouteViews({ control: { ...control, replicas }, now: () => new Date() });
    const { replicas: listed, routes } = views.event();
    expect(listed.map(({ state, seen_seconds_ago }) => [state, seen_seconds_ago])).toEqual([
      ['live', 0],
      ['silent', 12.4],
    ]);
    expect(routes[0]).toMatchObject({
      acknowledged: { serving: 1, replicas: 2 },
      sentence: expect.stringMatching(/^Only 1 of 2 edges serves this weight: edge-2 was last heard of 12 s ago\. /),
    });
  });

  test('each take a rollback of their own while the store is out of reach, and say so', async () => {
    await putWeight(server, { body: { weight: 100, reason: 'all of them' } });
    server.store.break(new Error('gone'));
    await server.plane.round();
    const { status, body } = await send(server, 'POST', `${WOD}/rollback?wait_ms=50`, {
      body: { reason: 'p95 is up' },
    });
    expect({ status, stored: body.stored, weight: body.weight }).toEqual({ status: 200, stored: false, weight: 0 });
    expect(body.sentence).toMatch(
      /^The rollback is in force on this edge only, .* The memory store has been out of reach/,
    );
    expect(server.holder.weightOf('wod')).toBe(0);
    expect(server.logged).toContainEqual(
      expect.objectContaining({ msg: 'weight changed', isStored: false, weightAfter: 0 }),
    );
  });

  test('tell their breakers', async () => {
    const open = { answers: 'open', reachability: 'closed', inFlight: 2 } as const;
    const fine = { answers: 'closed', reachability: 'closed', inFlight: 3 } as const;
    server.observed.upstreams = () => ({ coach: fine, legacy: open });
    other.observed.upstreams = () => ({ coach: open, legacy: fine });
    await other.plane.round();
    await server.plane.round();
    const { health, sentence } = await routeOf(server);
    expect(health).toEqual({
      old: { upstream: 'legacy', state: 'healthy', failing_on: 0, in_flight: 5 },
      new: { upstream: 'coach', state: 'failing', failing_on: 1, in_flight: 5 },
    });
    expect(sentence).toMatch(/^coach is failing on 1 of 2 edges: .* legacy answers many errors on 1 of 2 edges: /);
  });

  test('add up what they carried', async () => {
    server.observed.trafficOf = () => carried({ old: 60, new: 20 });
    other.observed.trafficOf = () => carried({ old: 15, new: 5 });
    await other.plane.round();
    await server.plane.round();
    expect((await routeOf(server)).observed).toEqual({
      share: 25,
      requests: { old: 75, new: 25 },
      window_seconds: 10,
    });
    const { body } = await send(server, 'GET', `${WOD}/traffic`);
    const { samples } = trafficHistorySchema.parse(body);
    expect({ samples }).toEqual(body);
    expect(samples.at(-1)).toMatchObject({
      at: '2026-03-01T03:00:00.000Z',
      replicas: 2,
      weight: 0,
      revision: 0,
      sides: { old: { requests: 75, p50_ms: expect.any(Number) }, new: { requests: 25 } },
    });
    expect(samples.length).toBeGreaterThan(1);
  });
});

describe('GET cohort', () => {
  const cohort = async (query: string) => await send(server, 'GET', `${WOD}/cohort?${query}`);

  test('says on which side a user is now, and from which weight on the new one', async () => {
    await putWeight(server, { body: { weight: 50, reason: 'half' } });
    const { body } = await cohort('user=user-1');
    const view = cohortSchema.parse(body);
    expect(view).toEqual(body);
    expect(view).toMatchObject({ route: 'wod', user: 'user-1', weight: 50, key: { from: 'claim', name: 'sub' } });
    expect(view.side).toBe(view.new_from <= 50 ? 'new' : 'old');
    const at = async (weight: number) => (await cohort(`user=user-1&weight=${weight}`)).body as { side?: string };
    expect(await at(view.new_from)).toMatchObject({ side: 'new', upstream: 'coach' });
    expect(await at(Math.round(view.new_from * 100 - 1) / 100)).toMatchObject({ side: 'old', upstream: 'legacy' });
  });

  test('takes any key as it is', async () => {
    const user = 'ünï & <b>"1"</b> 🚀';
    expect((await cohort(`user=${encodeURIComponent(user)}`)).body).toMatchObject({ user, weight: 0, side: 'old' });
  });
});

test('GET preview says whom a change would move, and moves nobody', async () => {
  server.observed.usersBetween = (_route, from, to) => ({ seen: 1000, moving: (to - from) / 10 });
  const { body } = await send(server, 'GET', `${WOD}/preview?weight=25`);
  const expected = { to: 'new', share_moving: 25, users_seen: 1000, users_moving: 250 };
  expect(previewSchema.parse(body)).toEqual({ route: 'wod', revision: 0, before: 0, after: 25, ...expected });
  expect((await routeOf(server)).weight).toBe(0);
});

describe('GET audit', () => {
  const audit = async (query = '') => {
    const { status, body } = await send(server, 'GET', `/admin/v1/audit${query}`);
    expect(status).toBe(200);
    const page = auditPageSchema.parse(body);
    expect(page).toEqual(body);
    return page;
  };

  beforeEach(async () => {
    for (const [revision, weight] of [10, 20, 30].entries()) {
      await putWeight(server, { ifMatch: `"${revision}"`, body: { weight, reason: `to ${weight} <b>%</b>` } });
    }
    await send(server, 'POST', '/admin/v1/routes/history/rollback', { body: { reason: 'back' } });
  });

  test('is newest first, with actor, reason, before and after', async () => {
    const { entries, next } = await audit();
    expect(next).toBeNull();
    expect(entries.map(({ route, revision }) => `${route} ${revision}`)).toEqual([
      'history 1',
      'wod 3',
      'wod 2',
      'wod 1',
    ]);
    expect(entries[1]).toEqual({
      route: 'wod',
      revision: 3,
      actor: 'ops@fit.example',
      at: '2026-03-01T03:00:00.000Z',
      reason: 'to 30 <b>%</b>',
      before: { weight: 20 },
      after: { weight: 30, mirror_share: 0, retired: false, ramp: null },
      verdicts: [],
    });
  });

  test('comes in pages, of one route if asked', async () => {
    const first = await audit('?route=wod&limit=2');
    expect(first.entries.map(({ revision }) => revision)).toEqual([3, 2]);
    const second = await audit(`?route=wod&limit=2&before=${encodeURIComponent(String(first.next))}`);
    expect(second.entries.map(({ revision }) => revision)).toEqual([1]);
    expect(second.next).toBeNull();
    expect(await audit('?route=nope')).toEqual({ entries: [], next: null });
  });

  test('says so if the store cannot be reached', async () => {
    server.store.break(new Error('gone'));
    const answer = await send(server, 'GET', '/admin/v1/audit');
    expectProblem(answer, 503, 'store-unavailable');
    expect(answer.body.detail).toBe('The changes cannot be read while the store is out of reach');
  });
});

/** Each request took 8 to 10 ms. */
function carried({ old, new: newer }: { old: number; new: number }): RouteTraffic {
  const traffic = noTraffic();
  const side = (requests: number) => ({
    ...traffic.sides.old,
    requests,
    durations: traffic.sides.old.durations.map((_, slot) => (slot === 12 ? requests : 0)),
  });
  return { ...traffic, sides: { old: side(old), new: side(newer) } };
}
