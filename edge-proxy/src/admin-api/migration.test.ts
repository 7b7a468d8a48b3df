import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sumOfParity } from '../domain/sum-parity.ts';
import {
  auditPageSchema,
  changedRouteSchema,
  drillSchema,
  paritySchema,
  retirementSchema,
  verdictSchema,
} from './schemas.ts';
import type { ChangedRoute } from './schemas.ts';
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

/** An order that must be carried out, and be of the form that is documented. */
async function ordered(verb: string, body: object = {}, revision?: number): Promise<ChangedRoute> {
  const ifMatch = revision === undefined ? {} : { ifMatch: `"${revision}"` };
  const answer = await send(server, 'POST', `${WOD}/${verb}`, { ...ifMatch, body: { reason: verb, ...body } });
  expect({ status: answer.status, detail: answer.body.detail }).toEqual({ status: 200, detail: undefined });
  const changed = changedRouteSchema.parse(answer.body);
  expect(changed).toEqual(answer.body);
  expect(answer.headers['etag']).toBe(`"${changed.revision}"`);
  return changed;
}

const looked = async (what: string) => (await send(server, 'GET', `${WOD}/${what}`)).body;
const logged = () => server.logged.map(({ msg }) => msg);

describe('a ramp', () => {
  test('goes by the plan of the route file, from its first step', async () => {
    const changed = await ordered('ramp', {}, 0);
    expect(changed).toMatchObject({ weight: 10, phase: 'canary', before: { weight: 0, revision: 0 } });
    expect(changed.ramp).toEqual({
      plan: { steps: '10 % for 10 m, 50 %, 100 %', on_fail: 'rollback', judged_by: 'people', minimum_users: 20 },
      phase: 'running',
      step: 1,
      steps: [
        { weight: 10, bake_seconds: 600, approve: 'auto' },
        { weight: 50, bake_seconds: 0, approve: 'auto' },
        { weight: 100, bake_seconds: 0, approve: 'auto' },
      ],
      started_at_revision: 1,
      step_since: '2026-03-01T03:00:00.000Z',
      baked: false,
    });
    expect(changed.sentence).toContain('The ramp is at step 1 of 3, until 03:10 UTC at least.');
    expect(server.logged).toContainEqual(
      expect.objectContaining({
        msg: 'ramp started',
        actor: 'o…@fit.example',
        weightBefore: 0,
        weightAfter: 10,
        ramp: { phase: 'running', step: 1, of: 3 },
      }),
    );
  });

  test('goes by another plan if it is given one', async () => {
    const plan = { steps: '25% manual, 50 % for 1 h', onFail: 'freeze', minimumUsers: 5 };
    const { weight, ramp } = await ordered('ramp', { plan }, 0);
    expect({ weight, plan: ramp?.plan, baked: ramp?.baked }).toEqual({
      weight: 25,
      plan: { steps: '25 % manual, 50 % for 1 h', on_fail: 'freeze', judged_by: 'people', minimum_users: 5 },
      baked: true,
    });
  });

  test('is judged by counters alone if its plan says so', async () => {
    const gates = { custom: [{ name: 'errors', upstream: 'coach', good: 'ok_total', total: 'all_total' }] };
    const { ramp } = await ordered('ramp', { plan: { steps: '25 %', judgedBy: 'custom-gates', gates } }, 0);
    expect(ramp?.plan).toEqual({ steps: '25 %', on_fail: 'rollback', judged_by: 'custom-gates', minimum_users: 20 });
  });

  test('is paused, resumed and frozen by whoever is in a hurry, without a revision, and promoted with one', async () => {
    await ordered('ramp', {}, 0);
    const phases: unknown[] = [];
    for (const verb of ['pause', 'resume', 'promote', 'freeze', 'resume', 'promote', 'promote']) {
      const { weight, ramp } = await ordered(verb, {}, verb === 'promote' ? 1 + phases.length : undefined);
      phases.push([verb, weight, ramp?.step, ramp?.phase]);
    }
    expect(phases).toEqual([
      ['pause', 10, 1, 'paused'],
      ['resume', 10, 1, 'running'],
      ['promote', 50, 2, 'running'],
      ['freeze', 50, 2, 'frozen'],
      ['resume', 50, 2, 'running'],
      ['promote', 100, 3, 'running'],
      ['promote', 100, 3, 'completed'],
    ]);
    expect(logged()).toEqual([
      'ramp started',
      'ramp paused',
      'ramp running',
      'ramp promoted',
      'ramp frozen',
      'ramp running',
      'ramp promoted',
      'ramp completed',
    ]);
  });

  test('is refused what does not go with it', async () => {
    await ordered('ramp', {}, 0);
    const second = await send(server, 'POST', `${WOD}/ramp`, { ifMatch: '"1"', body: { reason: 'again' } });
    expectProblem(second, 409, 'not-possible');
    expect(second.body.detail).toContain('A ramp of wod is under way (running)');
    const resumed = await send(server, 'POST', `${WOD}/resume`, { body: { reason: 'x' } });
    expect(resumed.body.detail).toBe('The ramp of wod is running: it cannot resume');
  });

  test.each([
    ['a weight', 'cancelled', async () => await putWeight(server, { ifMatch: '"1"' })],
    ['a rollback', 'rolled-back', async () => await send(server, 'POST', `${WOD}/rollback`, { body: { reason: 'x' } })],
  ])('is ended by %s', async (_, phase, order) => {
    await ordered('ramp', {}, 0);
    expect((await order()).body.ramp).toMatchObject({ phase, step: 1 });
  });

  test('of which the store cannot be told stays where it is', async () => {
    await ordered('ramp', {}, 0);
    server.store.break(new Error('gone'));
    expectProblem(await send(server, 'POST', `${WOD}/pause`, { body: { reason: 'x' } }), 503, 'store-unavailable');
    expect(server.holder.current.get('wod')?.ramp?.phase).toBe('running');
  });

  test('is for operators', async () => {
    const token = server.tokenFor('viewer');
    for (const verb of ['ramp', 'pause', 'resume', 'promote', 'freeze', 'mirror', 'retire', 'unretire', 'drill']) {
      const sent = { token, ifMatch: '"0"', body: { reason: 'x', ...(verb === 'mirror' && { share: 1 }) } };
      expectProblem(await send(server, 'POST', `${WOD}/${verb}`, sent), 403, 'forbidden');
    }
  });

  test('tells in the audit what each change changed', async () => {
    await ordered('ramp', {}, 0);
    await ordered('pause');
    await ordered('mirror', { share: 20 }, 2);
    const { body } = await send(server, 'GET', '/admin/v1/audit?route=wod');
    const { entries } = auditPageSchema.parse(body);
    const ramp = { phase: 'paused', step: 1 };
    expect(entries.map(({ before, after }) => [before?.weight, after])).toEqual([
      [10, { weight: 10, mirror_share: 20, retired: false, ramp }],
      [10, { weight: 10, mirror_share: 0, retired: false, ramp }],
      [0, { weight: 10, mirror_share: 0, retired: false, ramp: { phase: 'running', step: 1 } }],
    ]);
  });
});

describe('a verdict', () => {
  test('is none at weight 0', async () => {
    await server.plane.judge();
    const body = await looked('verdict');
    expect(verdictSchema.parse(body)).toEqual({
      route: 'wod',
      judged: false,
      at: null,
      weight: 0,
      epoch: 0,
      gates: [],
      decision: null,
      is_leading: false,
    });
  });

  test('says what every gate says, and what a ramp makes of it', async () => {
    await ordered('ramp', {}, 0);
    await server.plane.judge();
    const body = await looked('verdict');
    const verdict = verdictSchema.parse(body);
    expect(verdict).toEqual(body);
    expect(verdict).toMatchObject({ judged: true, weight: 10, epoch: 1, at: '2026-03-01T03:00:00.000Z' });
    expect(verdict.gates.find(({ gate }) => gate === 'failed')).toMatchObject({
      verdict: 'not-enough-data',
      sentence: expect.any(String),
      numbers: expect.any(Object),
    });
    expect(verdict.decision).toMatchObject({ kind: 'hold', sentence: expect.any(String) });
    expect(verdict.is_leading).toBe(true);
  });

  test('of a weight that no ramp guards leads to nothing', async () => {
    await putWeight(server);
    // What no ramp guards is looked at less often.
    for (let look = 0; look < 5; look++) await server.plane.judge();
    expect(await looked('verdict')).toMatchObject({ judged: true, decision: null });
  });
});

describe('mirroring', () => {
  test('is set by its share, and counts from there', async () => {
    const { phase, mirror_share, sentence } = await ordered('mirror', { share: 20 }, 0);
    expect({ phase, mirror_share }).toEqual({ phase: 'shadow', mirror_share: 20 });
    expect(sentence).toContain('20 % of safe requests are mirrored to the other side.');
    expect(logged()).toEqual(['mirroring changed']);
    expect(await looked('parity')).toMatchObject({
      mirror_share: 20,
      since_revision: 1,
      compared: 0,
      differing_at_most: null,
      sentence: 'Nothing compared yet',
    });
  });

  test('shows where the answers differ, and how much may yet do', async () => {
    const sample = { at: '2026-03-01T03:00:00.000Z', requestId: 'r-1', old: '3', new: undefined };
    const checks = { checked: 40, broken: 2, rules: { 'six exercises': 2 } };
    server.observed.parityOf = () => ({
      compared: 12_430,
      differing: 7,
      skipped: { timeout: 3 },
      fields: [{ field: 'body.exercises[].name', pairs: 7, samples: [sample] }],
      live: { old: { ...checks, broken: 0, rules: {} }, new: checks },
    });
    const body = await looked('parity');
    expect(paritySchema.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      compared: 12_430,
      differing: 7,
      skipped: { timeout: 3 },
      fields: [{ field: 'body.exercises[].name', pairs: 7, samples: [{ request_id: 'r-1', old: '3', new: null }] }],
      live: { new: { checked: 40, broken: 2, rules: { 'six exercises': 2 } } },
      sentence: expect.stringMatching(/^12,430 compared, 7 unexplained, at most 0\.\d+ % with 99 % confidence$/),
    });
  });

  test('of nothing says so', async () => {
    server.observed.parityOf = () => sumOfParity([]);
    expect(await looked('parity')).toMatchObject({ sentence: 'Nothing compared: the route is not mirrored' });
  });
});

describe('the end of the old side', () => {
  test('is told by conditions and by what it served last', async () => {
    server.observed.oldSideUseOf = () => ({ servedByWeight: Date.parse('2026-03-01T02:59:00Z') });
    const body = await looked('retirement');
    const view = retirementSchema.parse(body);
    expect(view).toEqual(body);
    expect(view).toMatchObject({
      route: 'wod',
      retired: false,
      may_go: false,
      last_served: { weight: '2026-03-01T02:59:00.000Z', fallback: null, override: null, direct: null },
    });
    expect(view.conditions.map(({ name, met }) => [name, met])).toEqual([
      ['full', false],
      ['unused', false],
      ['parity', false],
      ['drilled', false],
    ]);
  });

  test('takes the way back away, until it is given back', async () => {
    await putWeight(server, { body: { weight: 100, reason: 'all' } });
    expect(await ordered('retire', {}, 1)).toMatchObject({
      phase: 'retired',
      retired: true,
      sentence: expect.stringContaining('The route is retired'),
    });
    const routing = await send(server, 'GET', '/admin/v1/routing');
    expect(routing.body.routes).toMatchObject([{ route: 'wod', retired: true }, { retired: false }]);
    const refused = await send(server, 'POST', `${WOD}/rollback`, { body: { reason: 'x' } });
    expectProblem(refused, 409, 'not-possible');
    expect(refused.body.detail).toBe('Route wod is retired: unretire it first');
    expectProblem(await putWeight(server, { ifMatch: '"2"' }), 409, 'not-possible');
    expect(await ordered('unretire', {}, 2)).toMatchObject({ phase: 'full', retired: false });
    expect(logged()).toContain('route unretired');
  });

  test('follows a revision', async () => {
    await putWeight(server, { body: { weight: 100, reason: 'all' } });
    const stale = await send(server, 'POST', `${WOD}/retire`, { ifMatch: '"0"', body: { reason: 'x' } });
    expectProblem(stale, 412, 'revision-conflict');
  });
});

describe('a drill', () => {
  test('rolls back, measures, and restores the weight', async () => {
    await putWeight(server);
    const { body, headers } = await send(server, 'POST', `${WOD}/drill`, { body: { reason: 'monthly' } });
    const drill = drillSchema.parse(body);
    expect(drill).toEqual(body);
    expect(drill).toMatchObject({ acknowledged: true, replicas: 1, restored: true, weight: 10, revision: 3 });
    expect(headers['etag']).toBe('"3"');
    expect(server.logged).toContainEqual(
      expect.objectContaining({ msg: 'rollback drilled', actor: 'o…@fit.example', rollbackMs: drill.rollback_ms }),
    );
    const { conditions } = retirementSchema.parse(await looked('retirement'));
    expect(conditions.find(({ name }) => name === 'drilled')).toMatchObject({
      met: true,
      evidence: expect.stringMatching(/took \d+ ms/),
    });
  });

  test('is no use while a ramp is under way', async () => {
    await ordered('ramp', {}, 0);
    expectProblem(await send(server, 'POST', `${WOD}/drill`, { body: { reason: 'x' } }), 409, 'not-possible');
  });
});
