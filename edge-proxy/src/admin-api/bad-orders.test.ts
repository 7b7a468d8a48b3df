import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WOD, expectProblem, expectUntouched, send } from './test/admin-request.ts';
import { startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

const STEP_RULE =
  'must be steps such as "10 % for 10 m, 50 % manual, 100 %": percent up to 100 in steps of 0.01, times in s, m, h or d';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('changes nothing and is named:', () => {
  test.each<[string, unknown, string, string]>([
    ['no text', 7, 'plan', 'Invalid input: expected object, received number'],
    ['no steps', {}, 'plan.steps', STEP_RULE],
    ['steps of nothing', { steps: '' }, 'plan.steps', STEP_RULE],
    ['a step that is none', { steps: '10 %, half, 100 %' }, 'plan.steps', STEP_RULE],
    ['a time without its unit', { steps: '10 % for 10' }, 'plan.steps', STEP_RULE],
    ['steps that go down', { steps: '50 %, 10 %' }, 'plan.steps', 'must have weights that ascend'],
    ['a step at 0 %', { steps: '0 %, 10 %' }, 'plan.steps', 'must begin above 0 %'],
    ['a step above 100 %', { steps: '101 %' }, 'plan.steps', STEP_RULE],
    ['a step that bakes for years', { steps: '10 % for 91 d' }, 'plan.steps', 'must bake for at most 90 d each'],
    [
      '21 steps',
      { steps: Array.from({ length: 21 }, (_, at) => `${at + 1} %`).join(', ') },
      'plan.steps',
      'must have at most 20 steps',
    ],
    ['another onFail', { steps: '10 %', onFail: 'shrug' }, 'plan.onFail', 'must be rollback or freeze'],
    [
      'no gate of those that judge alone',
      { steps: '10 %', judgedBy: 'custom-gates' },
      'plan.judgedBy',
      'needs at least one gate in gates.custom',
    ],
    ['nobody at least', { steps: '10 %', minimumUsers: 0 }, 'plan.minimumUsers', 'must be at least 1'],
    ['an unknown field', { steps: '10 %', on_fail: 'freeze' }, 'plan.on_fail', 'is not a known field'],
    [
      'a threshold above 100 %',
      { steps: '10 %', gates: { failedPercent: 101 } },
      'plan.gates.failedPercent',
      'must be at most 100',
    ],
    [
      'a gate of an upstream that is none',
      {
        steps: '10 %',
        gates: { custom: [{ name: 'orders', upstream: 'metadata', bad: 'bad_total', total: 'all_total' }] },
      },
      'plan.gates.custom.0.upstream',
      'must be an upstream: legacy, coach, diary',
    ],
    [
      'a gate that hides a built-in one',
      { steps: '10 %', gates: { custom: [{ name: 'slow', upstream: 'coach', bad: 'bad_total', total: 'all_total' }] } },
      'plan.gates.custom.0.name',
      'must not be the name of a built-in gate',
    ],
  ])('a plan with %s', async (_, plan, field, rule) => {
    const answer = await send(server, 'POST', `${WOD}/ramp`, { ifMatch: '"0"', body: { plan, reason: 'x' } });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors?.[0]).toMatchObject({ field, rule });
    expect(answer.body.detail).toContain(`body: ${field}: ${rule}`);
    await expectUntouched(server);
  });

  test.each([
    ['mirror', { share: 101, reason: 'x' }, 'share'],
    ['mirror', { share: 33.333, reason: 'x' }, 'share'],
    ['mirror', { share: '20', reason: 'x' }, 'share'],
    ['mirror', { reason: 'x' }, 'share'],
    ['mirror', { share: 20, reason: 'x', weight: 5 }, 'weight'],
    ['ramp', {}, 'reason'],
    ['pause', { reason: '' }, 'reason'],
    ['resume', { reason: 'x', plan: {} }, 'plan'],
    ['promote', { reason: 'x', to: 100 }, 'to'],
    ['freeze', {}, 'reason'],
    ['retire', { reason: 'x', force: true }, 'force'],
    ['unretire', {}, 'reason'],
    ['drill', { reason: 'a\nb' }, 'reason'],
  ])('%s %j', async (verb, body, field) => {
    const answer = await send(server, 'POST', `${WOD}/${verb}`, { ifMatch: '"0"', body });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors?.map((error) => error.field)).toEqual([field]);
    await expectUntouched(server);
  });

  test.each(['ramp', 'promote', 'mirror', 'retire', 'unretire'])('%s without If-Match', async (verb) => {
    const body = { reason: 'x', ...(verb === 'mirror' && { share: 20 }) };
    expectProblem(await send(server, 'POST', `${WOD}/${verb}`, { body }), 428, 'revision-required');
    await expectUntouched(server);
  });

  test.each([
    ['wod', 'pause', 'No ramp of wod is under way'],
    ['wod', 'resume', 'No ramp of wod is under way'],
    ['wod', 'promote', 'No ramp of wod is under way'],
    ['wod', 'freeze', 'No ramp of wod is under way'],
    ['wod', 'retire', 'Route wod is at 0 %: only a route at 100 % can be retired'],
    ['wod', 'unretire', 'Route wod is not retired'],
    ['wod', 'drill', 'Route wod is at 0 %: nobody could be sent back'],
    [
      'history',
      'ramp',
      'Route history has no plan of its own: send one as plan, or give the route a ramp in the route file',
    ],
  ])('%s %s, which is not possible as things are', async (route, verb, detail) => {
    const path = `/admin/v1/routes/${route}/${verb}`;
    const answer = await send(server, 'POST', path, { ifMatch: '"0"', body: { reason: 'x' } });
    expectProblem(answer, 409, 'not-possible');
    expect(answer.body.detail).toBe(detail);
    await expectUntouched(server);
  });
});
