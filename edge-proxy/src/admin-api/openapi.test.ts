import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createResponseCheck } from '@fit/test-kit/openapi-responses';
import { createAdminDocument } from './openapi.ts';
import { OPERATIONS } from './operations.ts';
import { stateEventSchema } from './schemas.ts';
import { WOD, send } from './test/admin-request.ts';
import type { Answer, Sent } from './test/admin-request.ts';
import { LOCAL_TOKEN, startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';
import { openEvents } from './test/event-reader.ts';

const BASE = '/admin/v1';
const ROUTE = `${BASE}/routes/{route}`;
const reason = 'as the document says';

const check = createResponseCheck(createAdminDocument());

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Sends a request, and holds its answer against what the document says of the operation. */
async function held(method: string, path: string, url: string, sent?: Sent): Promise<Answer> {
  const answer = await send(server, method, url, sent);
  const { status, headers, body } = answer;
  const contentType = String(headers['content-type']);
  expect(check({ method, path, status, contentType, body })).toEqual([]);
  return answer;
}

test('is served to everybody, and is the one that the operations make', async () => {
  const { status, body } = await held('GET', `${BASE}/openapi.json`, `${BASE}/openapi.json`, {
    headers: { authorization: [] },
  });
  expect(status).toBe(200);
  expect(body).toEqual(JSON.parse(JSON.stringify(createAdminDocument())));
});

test('names every operation with a summary and all that it takes', () => {
  const { paths = {} } = createAdminDocument();
  const documented = Object.values(paths).flatMap((path) => Object.values(path as Record<string, unknown>));
  expect(documented).toHaveLength(Object.keys(OPERATIONS).length);
  expect(paths[`${ROUTE}/weight`]).toMatchObject({
    put: {
      operationId: 'setWeight',
      summary: expect.any(String),
      security: [{ bearer: [] }],
      parameters: [
        { in: 'path', name: 'route', required: true },
        { in: 'query', name: 'wait_ms', schema: { type: 'integer', minimum: 0, maximum: 30_000, default: 0 } },
        { in: 'header', name: 'If-Match', required: true },
      ],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: { $ref: '#/components/schemas/WeightRequest' } } },
      },
    },
  });
  expect(Object.keys(paths[`${ROUTE}/weight`]?.put?.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '403',
    '404',
    '405',
    '412',
    '413',
    '415',
    '421',
    '428',
    '429',
    '503',
  ]);
  expect(paths[`${BASE}/openapi.json`]?.get).not.toHaveProperty('security');
});

describe('allows every real answer of', () => {
  test.each([
    [`${BASE}/session`, `${BASE}/session`],
    [`${BASE}/routes`, `${BASE}/routes`],
    [`${BASE}/routing`, `${BASE}/routing`],
    [`${BASE}/replicas`, `${BASE}/replicas`],
    [`${BASE}/audit`, `${BASE}/audit`],
    [ROUTE, WOD],
    [`${ROUTE}/traffic`, `${WOD}/traffic`],
    [`${ROUTE}/cohort`, `${WOD}/cohort?user=7`],
    [`${ROUTE}/preview`, `${WOD}/preview?weight=12.5`],
    [`${ROUTE}/verdict`, `${WOD}/verdict`],
    [`${ROUTE}/parity`, `${WOD}/parity`],
    [`${ROUTE}/retirement`, `${WOD}/retirement`],
  ])('GET %s, once before and once after a change', async (path, url) => {
    for (const weight of [10, 20]) {
      expect((await held('GET', path, url)).status).toBe(200);
      const current = (await send(server, 'GET', WOD)).headers['etag'];
      await send(server, 'PUT', `${WOD}/weight`, { ifMatch: String(current), body: { weight, reason } });
      await server.plane.round();
      await server.plane.judge();
    }
    expect((await held('GET', path, url, { token: LOCAL_TOKEN })).status).toBe(200);
    expect((await held('GET', path, url, { token: 'a.b.c' })).status).toBe(401);
    expect((await held('GET', path, url, { token: server.tokenFor('tester') })).status).toBe(403);
    expect((await held('GET', path, url, { headers: { host: 'elsewhere.example' } })).status).toBe(421);
    expect((await held('GET', path, url, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403);
  });

  test.each([
    ['routes/{route}', 'routes/nope', 404],
    ['routes/{route}/traffic', 'routes/nope/traffic', 404],
    ['routes/{route}/cohort', 'routes/wod/cohort', 400],
    ['routes/{route}/preview', 'routes/wod/preview?weight=-1', 400],
    ['routes/{route}/verdict', 'routes/nope/verdict', 404],
    ['routes/{route}/parity', 'routes/nope/parity', 404],
    ['routes/{route}/retirement', 'routes/nope/retirement', 404],
    ['audit', 'audit?limit=0', 400],
  ])('GET %s, refused', async (path, url, status) => {
    expect((await held('GET', `${BASE}/${path}`, `${BASE}/${url}`)).status).toBe(status);
  });

  test.each([
    [`${BASE}/audit`, `${BASE}/audit`],
    [`${ROUTE}/retirement`, `${WOD}/retirement`],
  ])('GET %s without a store', async (path, url) => {
    server.store.break(new Error('gone'));
    expect((await held('GET', path, url)).status).toBe(503);
  });

  test('GET events', async () => {
    await using events = await openEvents(server);
    expect(check({ method: 'GET', path: `${BASE}/events`, ...events.head, body: '' })).toEqual([]);
    const event = await events.next();
    expect(stateEventSchema.parse(event)).toEqual(event);
    expect(checkEvent(event)).toEqual([]);
    expect(checkEvent({ ...event, routes: [{ ...event.routes[0], weight: 101 }] })).toEqual([
      '/routes/0/weight must be <= 100',
    ]);
  });

  const change = { weight: 10, reason };
  test.each<[number, Sent, string]>([
    [200, { ifMatch: '"0"', body: change }, 'wod'],
    [400, { ifMatch: '"0"', body: {} }, 'wod'],
    [404, { ifMatch: '"0"', body: change }, 'nope'],
    [412, { ifMatch: '"3"', body: change }, 'wod'],
    [413, { ifMatch: '"0"', body: 'x'.repeat(20_000) }, 'wod'],
    [415, { ifMatch: '"0"', body: 'x', headers: { 'content-type': 'text/plain' } }, 'wod'],
    [428, { body: change }, 'wod'],
  ])('PUT weight: %d', async (status, sent, route) => {
    expect((await held('PUT', `${ROUTE}/weight`, `${BASE}/routes/${route}/weight`, sent)).status).toBe(status);
  });

  test('PUT weight without a store: 503; POST rollback: 200', async () => {
    server.store.break(new Error('gone'));
    const put = await held('PUT', `${ROUTE}/weight`, `${WOD}/weight`, { ifMatch: '"0"', body: change });
    expect(put.status).toBe(503);
    const rolledBack = await held('POST', `${ROUTE}/rollback`, `${WOD}/rollback`, { body: { reason } });
    expect(rolledBack).toMatchObject({ status: 200, body: { stored: false, revision: 1 } });
  });

  const all = { ifMatch: '"0"', body: { weight: 100, reason } };
  test.each<[number, string, number, Sent]>([
    [0, 'ramp', 200, { ifMatch: '"0"', body: { reason } }],
    [0, 'ramp', 200, { ifMatch: '"0"', body: { plan: { steps: '1 % for 1 s manual, 100 %' }, reason } }],
    [0, 'ramp', 400, { ifMatch: '"0"', body: { plan: { steps: 'all' }, reason } }],
    [100, 'ramp', 409, { ifMatch: '"1"', body: { plan: { steps: '50 %' }, reason } }],
    [0, 'ramp', 412, { ifMatch: '"7"', body: { reason } }],
    [0, 'ramp', 428, { body: { reason } }],
    [0, 'mirror', 200, { ifMatch: '"0"', body: { share: 20, reason } }],
    [0, 'mirror', 400, { ifMatch: '"0"', body: { share: 101, reason } }],
    [0, 'mirror', 428, { body: { share: 20, reason } }],
    [0, 'pause', 409, { body: { reason } }],
    [0, 'resume', 409, { body: { reason } }],
    [0, 'promote', 409, { ifMatch: '"0"', body: { reason } }],
    [0, 'promote', 428, { body: { reason } }],
    [0, 'freeze', 409, { body: { reason } }],
    [100, 'retire', 200, { ifMatch: '"1"', body: { reason } }],
    [0, 'retire', 409, { ifMatch: '"0"', body: { reason } }],
    [0, 'unretire', 409, { ifMatch: '"0"', body: { reason } }],
    [100, 'drill', 200, { body: { reason } }],
    [0, 'drill', 409, { body: { reason } }],
  ])('at %d %%, POST %s: %d', async (weight, verb, status, sent) => {
    if (weight > 0) await send(server, 'PUT', `${WOD}/weight`, all);
    expect((await held('POST', `${ROUTE}/${verb}`, `${WOD}/${verb}`, sent)).status).toBe(status);
  });

  test('POST rollback of a retired route', async () => {
    await send(server, 'PUT', `${WOD}/weight`, all);
    await send(server, 'POST', `${WOD}/retire`, { ifMatch: '"1"', body: { reason } });
    const answer = await held('POST', `${ROUTE}/rollback`, `${WOD}/rollback`, { body: { reason } });
    expect(answer).toMatchObject({ status: 409, body: { type: 'not-possible' } });
  });

  test('POST login-codes and logins', async () => {
    const { status, body } = await held('POST', `${BASE}/login-codes`, `${BASE}/login-codes`);
    expect(status).toBe(201);
    const { code } = body as { code?: string };
    const logIn = async (sent: Sent) => await held('POST', `${BASE}/logins`, `${BASE}/logins`, sent);
    const anonymous = { headers: { authorization: [] } };
    expect((await logIn({ ...anonymous, body: { code } })).status).toBe(200);
    expect((await logIn({ ...anonymous, body: { code } })).status).toBe(401);
    expect((await logIn({ ...anonymous, body: {} })).status).toBe(400);
  });
});

/** The document, as if its StateEvent were an answer. */
function checkEvent(event: unknown): string[] {
  const schema = { allOf: [{ $ref: '#/components/schemas/StateEvent' }] };
  const responses = { '200': { content: { 'application/json': { schema } } } };
  const paths = { '/': { get: { responses } } };
  const answer = { method: 'GET', path: '/', status: 200, contentType: 'application/json', body: event };
  return createResponseCheck({ ...createAdminDocument(), paths })(answer);
}
