import { describe, expect, test } from '@jest/globals';
import { problemSchema } from '@fit/contracts/problem';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { eventually, makeExercises, serveCatalogue, serveHistory, startCoachRig } from './coach-rig.ts';
import type { Answer, CoachRig } from './coach-rig.ts';

const hang: Behaviour = () => {};
const reset: Behaviour = (_request, res) => void res.socket?.resetAndDestroy();
const cutInBody: Behaviour = (_request, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  res.write('{"exercises":[', () => res.destroy());
};
const drip: Behaviour = (_request, res) => {
  res.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => res.write(' '), 5);
  res.once('close', () => clearInterval(timer));
};
const notHttp: Behaviour = (_request, res) => void res.socket?.end('SSH-2.0-OpenSSH_9.2\r\n');
const text =
  (body: string, status = 200): Behaviour =>
  (_request, res) =>
    void res.writeHead(status, { 'content-type': 'application/json' }).end(body);
const json =
  (value: unknown): Behaviour =>
  (_request, res) =>
    sendJson(res, value);
const status = (code: number): Behaviour => text('{}', code);

function expectDependencyFailure(answer: Answer, expected: { status: number; type: string; detail?: RegExp }): void {
  expect(answer.status).toBe(expected.status);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'x-failed-dependency': 'legacy-monolith',
    'x-served-by': 'coach',
  });
  const problem = problemSchema.parse(answer.json);
  expect(problem.type).toBe(expected.type);
  if (expected.detail) expect(problem.detail).toMatch(expected.detail);
  if (expected.status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
}

const UNAVAILABLE: [string, Behaviour][] = [
  ['resets the connection', reset],
  ['cuts its answer', cutInBody],
  ['answers 500', status(500)],
  ['answers 503', status(503)],
  ['answers 429', status(429)],
];

const TOO_SLOW: [string, Behaviour][] = [
  ['hangs', hang],
  ['drips its answer', drip],
];

const [good] = makeExercises(1);

const MALFORMED_CATALOGUES: [string, Behaviour, RegExp][] = [
  ['is not JSON', text('<html>'), /the catalogue is not JSON/],
  ['is empty', text(''), /the catalogue is not JSON/],
  ['is not HTTP', notHttp, /not HTTP/],
  ['is another object', json({ items: [] }), /the catalogue at exercises: /],
  ['is an array', json([]), /the catalogue at its root: /],
  [
    'has a difficulty of 6',
    json({ exercises: [good, { ...good, id: 2, difficulty: 6 }] }),
    /at exercises\.1\.difficulty: /,
  ],
  ['lacks a name', json({ exercises: [{ ...good, name: undefined }] }), /at exercises\.0\.name: /],
  ['has an id as text', json({ exercises: [{ ...good, id: '1' }] }), /at exercises\.0\.id: /],
  ['repeats an id', json({ exercises: [good, good] }), /at exercises\.1\.id: repeats the id 1/],
  ['has an unknown field', json({ exercises: [{ ...good, secret: 1 }] }), /exercises\.0: .*secret/],
  ['is huge', text('x'.repeat(17 * 1024 * 1024)), /the catalogue is larger than 16777216 bytes/],
  ['is 304 without being asked', status(304), /GET \/exercises answered 304/],
  ['is a redirect', status(302), /answered 302/],
  ['is 404', status(404), /answered 404/],
];

const MALFORMED_HISTORIES: [string, Behaviour, RegExp][] = [
  ['is not JSON', text('nope'), /the history is not JSON/],
  ['is of another day', json({ date: '1999-01-01', exercise_ids: [] }), /the history at date: is 1999-01-01/],
  ['has no ids', json({ date: '2026-06-14' }), /the history at exercise_ids: /],
  ['has an id as text', json({ date: '2026-06-14', exercise_ids: [1, '2'] }), /at exercise_ids\.1: /],
  ['repeats an id', json({ date: '2026-06-14', exercise_ids: [4, 5, 4] }), /at exercise_ids\.2: repeats the id 4/],
  ['is huge', text('x'.repeat(70_000)), /the history is larger than 65536 bytes/],
  ['is 404', status(404), /GET \/fitness\/history answered 404/],
];

describe.each(['catalogue', 'history'] as const)('where the %s', (endpoint) => {
  test.each(UNAVAILABLE)('%s: 503', async (_name, behaviour) => {
    await using rig = await startCoachRig();
    rig.routes[endpoint] = behaviour;
    expectDependencyFailure(await rig.workout(), { status: 503, type: 'dependency-unavailable' });
    expect(
      await rig.metric('coach_upstream_request_duration_seconds_count', `endpoint="${endpoint}",outcome="unavailable"`),
    ).toBe(1);
    expect((await rig.get('/health')).json.dependencies).toEqual({ 'legacy-monolith': 'down' });
    await expectRecovery(rig, endpoint);
  });

  test.each(TOO_SLOW)('%s: 503 at the deadline', async (_name, behaviour) => {
    await using rig = await startCoachRig({ env: { LEGACY_TIMEOUT_MS: '50', CATALOGUE_TIMEOUT_MS: '50' } });
    rig.routes[endpoint] = behaviour;
    expectDependencyFailure(await rig.workout(), { status: 503, type: 'dependency-unavailable', detail: /in time/ });
    await rig.monolith.left(endpoint === 'catalogue' ? '/exercises' : '/fitness/history');
  });
});

async function expectRecovery(rig: CoachRig, endpoint: 'catalogue' | 'history'): Promise<void> {
  if (endpoint === 'catalogue') rig.routes.catalogue = serveCatalogue(makeExercises(40));
  else rig.routes.history = serveHistory([]);
  expect((await rig.workout()).status).toBe(200);
  expect((await rig.get('/health')).json.dependencies).toEqual({ 'legacy-monolith': 'up' });
}

test.each(MALFORMED_CATALOGUES)('a catalogue that %s: 502 that says so', async (_name, behaviour, detail) => {
  await using rig = await startCoachRig();
  rig.routes.catalogue = behaviour;
  expectDependencyFailure(await rig.workout(), { status: 502, type: 'bad-upstream-answer', detail });
  await expectRecovery(rig, 'catalogue');
});

test.each(MALFORMED_HISTORIES)('a history that %s: 502 that says so', async (_name, behaviour, detail) => {
  await using rig = await startCoachRig();
  rig.clock.wall = new Date('2026-06-15T12:00:00Z');
  rig.routes.history = behaviour;
  expectDependencyFailure(await rig.workout(), { status: 502, type: 'bad-upstream-answer', detail });
  await expectRecovery(rig, 'history');
});

test('a monolith that refuses connections: 503', async () => {
  await using rig = await startCoachRig();
  await rig.monolith.refuse();
  expectDependencyFailure(await rig.workout(), { status: 503, type: 'dependency-unavailable', detail: /ECONNREFUSED/ });
});

test('keys that never could be had: 503, not 401', async () => {
  await using rig = await startCoachRig({ keys: status(500) });
  expectDependencyFailure(await rig.workout(), { status: 503, type: 'dependency-unavailable', detail: /keys/ });
  expect((await rig.get('/ready')).status).toBe(503);
});

test('the half that failed decides, and the call for the other one is given up', async () => {
  await using rig = await startCoachRig();
  rig.routes.catalogue = status(500);
  rig.routes.history = hang;
  expectDependencyFailure(await rig.workout(), {
    status: 503,
    type: 'dependency-unavailable',
    detail: /exercises answered 500/,
  });
  await rig.monolith.left('/fitness/history');
});

describe.each([401, 403])('where the monolith refuses the token with %d', (code) => {
  test.each(['catalogue', 'history'] as const)(
    'for the %s: 401 for its owner, and a working monolith',
    async (endpoint) => {
      await using rig = await startCoachRig();
      rig.routes[endpoint] = status(code);
      const { status: answered, headers, json: problem } = await rig.workout();
      expect([answered, problem.type]).toEqual([401, 'unauthorized']);
      expect(headers['www-authenticate']).toMatch(/^Bearer .*error="invalid_token"/);
      expect(headers['x-failed-dependency']).toBeUndefined();
      await expectRecovery(rig, endpoint);
    },
  );
});

describe('more at once than MAX_CONCURRENT', () => {
  test('is 503 at once, without asking the monolith, and room is given back', async () => {
    await using rig = await startCoachRig({ env: { MAX_CONCURRENT: '3' } });
    const held = Promise.withResolvers<void>();
    rig.routes.history = async (request, res) => {
      await held.promise;
      await serveHistory([])(request, res);
    };
    const admitted = [1, 2, 3].map(() => rig.workout());
    await rig.monolith.arrived('/fitness/history', 3);
    expect(await rig.metric('coach_workouts_in_flight')).toBe(3);
    const { status: answered, headers, json: problem } = await rig.workout();
    expect([answered, problem.type, headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(headers['x-failed-dependency']).toBeUndefined();
    expect(rig.monolith.requestsTo('/fitness/history')).toHaveLength(3);
    held.resolve();
    expect((await Promise.all(admitted)).map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(await rig.metric('coach_workouts_rejected_total')).toBe(1);
    expect(await rig.metric('coach_workouts_in_flight')).toBe(0);
    expect((await rig.workout()).status).toBe(200);
  });

  test('those who left make room', async () => {
    await using rig = await startCoachRig({ env: { MAX_CONCURRENT: '1' } });
    rig.routes.history = hang;
    const leaving = new AbortController();
    const left = rig.workout({ signal: leaving.signal }).catch(() => 'left');
    await rig.monolith.arrived('/fitness/history', 1);
    await eventually(async () => (await rig.metric('coach_upstream_calls_in_flight')) === 1);
    leaving.abort();
    expect(await left).toBe('left');
    await rig.monolith.left('/fitness/history');
    await eventually(async () => (await rig.metric('coach_workouts_in_flight')) === 0);
    expect(await rig.metric('coach_upstream_calls_in_flight')).toBe(0);
    expect(await rig.metric('coach_upstream_connections_limit')).toBe(64);
    expect(await rig.metric('coach_workouts_total', 'outcome="cancelled"')).toBe(1);
    rig.routes.history = serveHistory([]);
    expect((await rig.workout()).status).toBe(200);
  });
});

test('LEGACY_CONNECTIONS bounds the sockets; the rest waits its turn', async () => {
  await using rig = await startCoachRig({ env: { LEGACY_CONNECTIONS: '2' } });
  await rig.workout();
  const held = Promise.withResolvers<void>();
  rig.routes.history = async (request, res) => {
    await held.promise;
    await serveHistory([])(request, res);
  };
  const answers = Promise.all(Array.from({ length: 20 }, () => rig.workout()));
  await eventually(async () => (await rig.metric('coach_workouts_in_flight')) === 20);
  await rig.monolith.arrived('/fitness/history', 3);
  expect(rig.monolith.requestsTo('/fitness/history')).toHaveLength(3);
  held.resolve();
  expect((await answers).every((answer) => answer.status === 200)).toBe(true);
});
