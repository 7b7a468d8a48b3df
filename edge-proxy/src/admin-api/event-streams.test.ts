import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noTraffic } from '../domain/traffic.ts';
import { WOD, expectProblem, putWeight, send } from './test/admin-request.ts';
import { LOCAL_TOKEN, startAdminServer } from './test/admin-server.ts';
import type { AdminServer } from './test/admin-server.ts';
import { openEvents } from './test/event-reader.ts';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

test('begins with the state of the moment, for no cache and no buffer', async () => {
  await using events = await openEvents(server);
  expect(events.head).toMatchObject({
    status: 200,
    contentType: 'text/event-stream; charset=utf-8',
    headers: { 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
  expect(await events.next()).toMatchObject({
    at: '2026-03-01T03:00:00.000Z',
    store: { kind: 'memory', state: 'up' },
    replicas: [{ id: 'edge-1', is_self: true, state: 'live', revisions: { wod: 0, history: 0 } }],
    routes: [
      { route: 'wod', weight: 0 },
      { route: 'history', weight: 5 },
    ],
    traffic: { wod: { sides: { old: { requests: 0 } } } },
    verdicts: { wod: { judged: false, weight: 0, gates: [] }, history: { weight: 5 } },
  });
});

test('tells a change at once, and ticks without one', async () => {
  await using events = await openEvents(server);
  await events.next();
  await putWeight(server);
  const changed = await events.next();
  expect(changed.routes[0]).toMatchObject({ weight: 10, revision: 1, acknowledged: { serving: 1, replicas: 1 } });
  await server.plane.round();
  expect((await events.next()).routes[0]).toMatchObject({ weight: 10 });
});

test('tells many changes together', async () => {
  await using events = await openEvents(server);
  await events.next();
  for (let revision = 0; revision < 30; revision++) {
    await putWeight(server, { ifMatch: `"${revision}"`, body: { weight: revision + 1, reason: 'next' } });
  }
  const told: number[] = [];
  while (told.at(-1) !== 30) told.push((await events.next()).routes[0]!.revision);
  expect(told.length).toBeLessThan(30);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

describe('ends', () => {
  test('when the token does, with the tolerance of clocks', async () => {
    const token = server.issuer.issue({ exp: Math.floor(Date.now() / 1000) - 28 });
    const events = await openEvents(server, token);
    expect(await events.ended()).toBeGreaterThanOrEqual(1);
  });

  test('never for the local admin token', async () => {
    await using events = await openEvents(server, LOCAL_TOKEN);
    await events.next();
    await server.plane.round();
    await events.next();
  });

  test('at once when the process is told to stop, and lets none begin', async () => {
    const events = await openEvents(server);
    server.readiness.drain();
    expect(await events.ended()).toBeGreaterThanOrEqual(1);
    expectProblem(await send(server, 'GET', '/admin/v1/events'), 503, 'not-ready');
  });

  test('for a client that does not read, and for nobody else', async () => {
    await using reading = await openEvents(server);
    await using deaf = await openUnread(server);
    expect(deaf.status).toBe(200);
    // Half a megabyte, so that what the system itself keeps for a client is soon full.
    const names = Array.from({ length: 2500 }, (_, index) => [`${index}-${'x'.repeat(200)}`, 1] as const);
    const fallbacks = Object.fromEntries(names);
    server.observed.trafficOf = () => ({ ...noTraffic(), fallbacks });
    while (!(await cutStreams(server))) {
      await server.plane.round();
      await reading.next();
    }
    await server.plane.round();
    await reading.next();
  }, 30_000);
});

test('sixty-four may look on, and who leaves makes room', async () => {
  const all = await Promise.all(Array.from({ length: 64 }, () => openEvents(server)));
  expectProblem(await send(server, 'GET', '/admin/v1/events'), 503, 'overloaded');
  await all[0]![Symbol.asyncDispose]();
  let again = await openEvents(server);
  while (again.head.status === 503) {
    await delay(5);
    again = await openEvents(server);
  }
  expect(again.head.status).toBe(200);
  for (const each of [...all, again]) await each[Symbol.asyncDispose]();
});

test('HEAD ends with the head', async () => {
  const { status, text } = await send(server, 'HEAD', '/admin/v1/events');
  expect({ status, text }).toEqual({ status: 200, text: '' });
  expect((await send(server, 'GET', WOD)).status).toBe(200);
});

/** A stream whose bytes nobody takes from the socket. */
async function openUnread({ url, tokenFor }: AdminServer): Promise<AsyncDisposable & { status: number | undefined }> {
  const req = request(`${url}/admin/v1/events`, { headers: { authorization: `Bearer ${tokenFor('viewer')}` } });
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.socket.pause();
  return { status: res.statusCode, [Symbol.asyncDispose]: async () => void req.destroy() };
}

/** Whether the server ended a stream by itself; nobody has left. */
async function cutStreams(of: AdminServer): Promise<boolean> {
  const { text } = await send(of, 'GET', '/metrics');
  return /_count\{[^}]*route="\/admin\/v1\/events",status="aborted"/.test(text);
}
