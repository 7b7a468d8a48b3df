import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { revisionConflictSchema } from './schemas.ts';
import { WOD, expectProblem, expectUntouched, putWeight, send } from './test/admin-request.ts';
import type { Sent } from './test/admin-request.ts';
import { startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';

const TO_TEN = { weight: 10, reason: 'first step' };

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

describe('changes nothing and is named:', () => {
  test.each([
    ['-1', 'must be at least 0'],
    ['100.001', 'must be at most 100'],
    ['33.333', 'must be a multiple of 0.01'],
    ['1e999', 'must be a number from 0 to 100'],
    ['-1e999', 'must be a number from 0 to 100'],
    ['"10"', 'must be a number from 0 to 100'],
    ['"__proto__"', 'must be a number from 0 to 100'],
    ['null', 'must be a number from 0 to 100'],
    ['true', 'must be a number from 0 to 100'],
    ['[10]', 'must be a number from 0 to 100'],
    ['{"valueOf":10}', 'must be a number from 0 to 100'],
  ])('a weight of %s', async (weight, rule) => {
    const answer = await putWeight(server, { body: `{"weight":${weight},"reason":"x"}` });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors?.[0]).toMatchObject({ field: 'weight', rule });
    await expectUntouched(server);
  });

  test.each([
    ['no weight', '{"reason":"x"}', ['weight']],
    ['no reason', '{"weight":10}', ['reason']],
    ['neither', '{}', ['weight', 'reason']],
    ['an empty reason', '{"weight":10,"reason":""}', ['reason']],
    ['a reason of blanks', '{"weight":10,"reason":" \\t\\n "}', ['reason']],
    ['a reason of 501 characters', `{"weight":10,"reason":"${'x'.repeat(501)}"}`, ['reason']],
    ['a reason that moves the cursor', '{"weight":10,"reason":"a\\u001b[2Jb"}', ['reason']],
    ['a reason of two lines', '{"weight":10,"reason":"a\\nb"}', ['reason']],
    ['a reason that is no text', '{"weight":10,"reason":7}', ['reason']],
    ['an unknown field', '{"weight":10,"reason":"x","force":true}', ['force']],
    ['the field __proto__', '{"weight":10,"reason":"x","__proto__":{"weight":50}}', ['__proto__']],
    ['an array', '[]', ['(whole)']],
  ])('a body with %s', async (_, body, fields) => {
    const answer = await putWeight(server, { body });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.errors?.map(({ field }) => field)).toEqual(fields);
    await expectUntouched(server);
  });

  test.each([
    ['that is not JSON', { body: '{"weight":10' }, 400, 'invalid-json'],
    ['that is empty', { body: '' }, 400, 'validation-failed'],
    ['that is a bare null', { body: 'null' }, 400, 'validation-failed'],
    ['of a megabyte', { body: `{"weight":10,"reason":"${'x'.repeat(1_000_000)}"}` }, 413, 'body-too-large'],
    ['of a form', asType('application/x-www-form-urlencoded', 'weight=10'), 415, 'unsupported-media-type'],
    ['without a media type', asType('', '{}'), 415, 'unsupported-media-type'],
    ['in another charset', asType('application/json; charset=latin1', '{}'), 415, 'unsupported-media-type'],
    ['that is compressed', compressed('{"weight":10,"reason":"x"}'), 415, 'unsupported-media-type'],
  ])('a body %s', async (_, sent, status, type) => {
    expectProblem(await putWeight(server, sent), status, type);
    await expectUntouched(server);
  });

  test.each(['0', '""', '"-1"', '"00"', '"1.0"', '"1e0"', 'W/"0"', '*', '"0", "1"', '"abc"', `"${'9'.repeat(400)}"`])(
    'If-Match: %s',
    async (ifMatch) => {
      const answer = await putWeight(server, { ifMatch });
      expectProblem(answer, 400, 'validation-failed');
      const rule = 'must be one revision in double quotes, as ETag has it';
      expect(answer.body.errors).toMatchObject([{ field: 'If-Match', rule }]);
      expect(answer.body.detail).toContain(`header: If-Match: ${rule} (received "`);
      await expectUntouched(server);
    },
  );

  test('two If-Match headers', async () => {
    expectProblem(await putWeight(server, { ifMatch: ['"0"', '"1"'] }), 400, 'validation-failed');
    await expectUntouched(server);
  });

  test.each([
    ['PUT', 'weight?wait_ms=-1'],
    ['PUT', 'weight?wait_ms=30001'],
    ['PUT', 'weight?wait_ms=1e3'],
    ['PUT', 'weight?wait_ms='],
    ['PUT', 'weight?wait_ms=1&wait_ms=2'],
    ['PUT', 'weight?wait=1'],
    ['PUT', 'weight?__proto__=1'],
    ['POST', 'rollback?wait_ms=soon'],
    ['POST', 'rollback?weight=50'],
    ['POST', 'pause?wait_ms=soon'],
    ['GET', 'cohort'],
    ['GET', 'cohort?user='],
    ['GET', 'cohort?user=a&user=b'],
    ['GET', `cohort?user=${'x'.repeat(2049)}`],
    ['GET', 'cohort?user=a&weight=100.001'],
    ['GET', 'preview'],
    ['GET', 'preview?weight=-1'],
    ['GET', 'preview?weight=1e999'],
    ['GET', 'preview?weight=33.333'],
    ['GET', 'preview?weight=%5B10%5D'],
    ['GET', 'preview?weight=__proto__'],
    ['GET', '../../audit?limit=0'],
    ['GET', '../../audit?limit=501'],
    ['GET', '../../audit?limit=x'],
    ['GET', '../../audit?limit=1&limit=2'],
    ['GET', '../../audit?route=a&route=b'],
    ['GET', '../../audit?before=1&before=2'],
    ...['foo', '', '-', '1-', '-1', '1-2-3', '1.5', '9'.repeat(42)].map((before) => [
      'GET',
      `../../audit?before=${before}`,
    ]),
    ['GET', `../../audit?before=${'9'.repeat(101)}`],
    ['GET', '../../audit?from=2026'],
  ])('%s %s', async (method, target) => {
    const path = new URL(`http://edge${WOD}/${target}`);
    const sent = method === 'PUT' ? { ifMatch: '"0"', body: TO_TEN } : { body: { reason: 'x' } };
    const answer = await send(server, method, `${path.pathname}${path.search}`, method === 'GET' ? {} : sent);
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.detail).toMatch(/^query: /);
    expect(answer.body.detail).not.toMatch(/Invalid input|expected|undefined/);
    await expectUntouched(server);
  });

  test('a user that is too long, quoted once, cut, and by its rule', async () => {
    const { body } = await send(server, 'GET', `${WOD}/cohort?user=${'x'.repeat(3000)}`);
    const value = `${'x'.repeat(100)}…`;
    expect(body.detail).toBe(`query: user: must have at most 2048 characters (received "${value}")`);
    expect(body.errors).toEqual([{ field: 'user', rule: 'must have at most 2048 characters', value }]);
  });

  test('a cursor that is none, by its rule', async () => {
    const { body } = await send(server, 'GET', '/admin/v1/audit?before=foo');
    expect(body.errors).toEqual([{ field: 'before', rule: 'must be the `next` of a page', value: 'foo' }]);
    for (const before of ['0', '17', '1767225600000-0', '9'.repeat(41)]) {
      expect((await send(server, 'GET', `/admin/v1/audit?before=${before}`)).status).toBe(200);
    }
  });

  test('no login code', async () => {
    const answer = await send(server, 'POST', '/admin/v1/logins', { body: {} });
    expectProblem(answer, 400, 'validation-failed');
    expect(answer.body.detail).toBe('body: code: must be a login code');
  });

  test('no If-Match', async () => {
    expectProblem(await send(server, 'PUT', `${WOD}/weight`, { body: TO_TEN }), 428, 'revision-required');
    await expectUntouched(server);
  });

  test('a stale If-Match, which is told what is there', async () => {
    await putWeight(server);
    const answer = await putWeight(server, { body: { weight: 50, reason: 'too late' } });
    expectProblem(answer, 412, 'revision-conflict');
    expect(revisionConflictSchema.parse(answer.body)).toEqual({ current_revision: 1, current_weight: 10 });
    expect(answer.headers['etag']).toBe('"1"');
    expect(server.holder.weightOf('wod')).toBe(1000);
  });

  test.each(['nope', '__proto__', 'constructor', 'WOD', '%2e%2e%2fwod', '%00'])('the route %s', async (route) => {
    expectProblem(await send(server, 'GET', `/admin/v1/routes/${route}`), 404, 'not-found');
    const put = await send(server, 'PUT', `/admin/v1/routes/${route}/weight`, { ifMatch: '"0"', body: TO_TEN });
    expectProblem(put, 404, 'not-found');
    await expectUntouched(server);
  });

  test('a path that cannot be decoded', async () => {
    expectProblem(await send(server, 'GET', '/admin/v1/routes/%zz'), 400, 'bad-request');
  });

  test.each([
    ['DELETE', WOD, 'GET, HEAD'],
    ['POST', `${WOD}/weight`, 'PUT'],
    ['GET', `${WOD}/rollback`, 'POST'],
    ['GET', `${WOD}/ramp`, 'POST'],
    ['POST', `${WOD}/verdict`, 'GET, HEAD'],
  ])('%s %s', async (method, path, allow) => {
    const answer = await send(server, method, path);
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers['allow']).toBe(allow);
  });
});

function asType(mediaType: string, body: string): Sent {
  return { body, headers: { 'content-type': mediaType } };
}

function compressed(body: string): Sent {
  return { body: gzipSync(body), headers: { 'content-encoding': 'gzip' } };
}

describe('is in the log, with who asked and why it was refused:', () => {
  const HTML = '<script>alert(1)</script>';
  const change = { ifMatch: '"0"', body: TO_TEN };
  const refusals: [string, Sent, string, number, string][] = [
    [
      'a weight that is none',
      { ifMatch: '"0"', body: { weight: 100.001, reason: HTML } },
      'wod',
      400,
      'validation-failed',
    ],
    ['no reason', { ifMatch: '"0"', body: { weight: 10 } }, 'wod', 400, 'validation-failed'],
    ['an unknown route', change, 'nope', 404, 'not-found'],
    ['no If-Match', { body: TO_TEN }, 'wod', 428, 'revision-required'],
    ['a stale If-Match', { ifMatch: '"7"', body: TO_TEN }, 'wod', 412, 'revision-conflict'],
    ['a body that is no JSON', { ifMatch: '"0"', body: '{' }, 'wod', 400, 'invalid-json'],
    ['a megabyte', { ifMatch: '"0"', body: 'x'.repeat(1_000_000) }, 'wod', 413, 'body-too-large'],
  ];

  test.each(refusals)('%s', async (_, sent, route, status, problem) => {
    expectProblem(await send(server, 'PUT', `/admin/v1/routes/${route}/weight`, sent), status, problem);
    expect(server.logged).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'admin request refused',
        actor: 'o…@fit.example',
        request: `PUT /admin/v1/routes/${route}/weight`,
        problem,
        detail: expect.any(String),
      }),
    ]);
    await expectUntouched(server);
  });

  test.each([
    ['an expired token', () => server.issuer.issue({ exp: 1_700_000_000 })],
    ["a person's token", () => server.issuer.issue({ aud: 'fit' })],
  ])('but nobody is known by %s', async (_, token) => {
    expectProblem(await putWeight(server, { token: token() }), 401, 'unauthorized');
    expect(server.logged).toEqual([]);
    await expectUntouched(server);
  });
});

test('a reason full of HTML is stored and shown as the text that it is, never as a page', async () => {
  const reason = '<img src=x onerror=alert(1)><script>alert(2)</script>&lt;';
  await putWeight(server, { body: { weight: 1, reason } });
  expect((await server.store.load()).states.get('wod')?.reason).toBe(reason);
  const { headers, body } = await send(server, 'GET', WOD);
  expect(body).toMatchObject({ reason, sentence: expect.stringContaining(`: ${reason})`) });
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
});
