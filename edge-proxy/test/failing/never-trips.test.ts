import { connect } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { breakerState, offer, sendOne, tally } from './offered-load.ts';
import type { Sent } from './offered-load.ts';
import { startWireCoach } from './wire-coach.ts';

/** Far more than a breaker would take. */
const MANY = 40;

let edge: EdgeUnderTest;
beforeEach(async () => {
  edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { maxInFlight: MANY, firstByteTimeoutMs: 10_000 },
  });
});
afterEach(async () => await edge[Symbol.asyncDispose]());

async function expectClosed(upstream: 'coach' | 'legacy' = 'coach'): Promise<void> {
  expect(await breakerState(edge, upstream, 'answers')).toBe(0);
  expect(await breakerState(edge, upstream, 'reachability')).toBe(0);
}

const whatEach = (sent: readonly Sent[], member: 'status' | 'reason' | 'servedBy') =>
  tally(sent.map((one) => one[member]));

test.each([400, 401, 403, 404, 405, 409, 422, 429])("the coach's %d, which passes through untouched", async (code) => {
  edge.coach.behave((_request, res) =>
    sendJson(res, { type: 'of-the-coach' }, { 'x-served-by': 'coach', 'retry-after': '7' }, code),
  );
  const sent = await offer(edge, { perSecond: 200, seconds: MANY / 200 });
  expect(whatEach(sent, 'status')).toEqual({ [code]: MANY });
  expect(sent.at(-1)).toMatchObject({ body: '{"type":"of-the-coach"}', servedBy: 'coach', retryAfter: '7' });
  expect(edge.legacy.requests).toEqual([]);
  await expectClosed();
});

test('clients that leave', async () => {
  edge.coach.behave(() => undefined);
  const leaving = new AbortController();
  const gone = Array.from(
    { length: MANY },
    async () => await sendOne(edge, '/fitness/wod', { signal: leaving.signal }),
  );
  await edge.coach.arrived('/fitness/wod', MANY);
  leaving.abort();
  await Promise.all(gone);
  await edge.coach.left('/fitness/wod');
  expect(edge.legacy.requests).toEqual([]);
  edge.coach.behave(answeringAs('coach'));
  // The places come back within the time that it takes to notice.
  while ((await sendOne(edge)).reason === 'overloaded') continue;
  expect(whatEach(await offer(edge, { perSecond: 100, seconds: 0.2 }), 'servedBy')).toEqual({ coach: 20 });
  await expectClosed();
});

test('clients that leave within their upload', async () => {
  await using coach = await startWireCoach(() => undefined);
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: { url: coach.url } });
  const port = Number(new URL(edge.url).port);
  for (let calls = 1; calls <= 10; calls++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('POST /fitness/wod HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nbeginning');
    while (coach.calls.length < calls) await passed(5);
    socket.resetAndDestroy();
  }
  while (coach.open().length > 0) await passed(5);
  expect(await breakerState(edge, 'coach', 'answers')).toBe(0);
  expect(await breakerState(edge, 'coach', 'reachability')).toBe(0);
});

test('requests that the edge refuses', async () => {
  const bad = 'GET /fitness/wod HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n';
  for (let n = 0; n < 10; n++) expect(await edge.raw(bad)).toMatch(/^HTTP\/1.1 400 /);
  expect(edge.coach.requests).toEqual([]);
  await expectClosed();
});

test('as many calls in flight as allowed', async () => {
  const held: (() => void)[] = [];
  edge.coach.behave((request, res) => void held.push(() => void answeringAs('coach')(request, res)));
  const served = Array.from({ length: MANY }, async () => await sendOne(edge));
  await edge.coach.arrived('/fitness/wod', MANY);
  const refused = await Promise.all(Array.from({ length: MANY }, async () => await sendOne(edge)));
  expect(Object.keys(whatEach(refused, 'status')).sort()).toEqual(['200', '503']);
  expect(
    whatEach(
      refused.filter(({ status }) => status === 200),
      'reason',
    ),
  ).toHaveProperty('overloaded');
  expect(whatEach(refused, 'reason')).not.toHaveProperty('breaker-open');
  await expectClosed();
  for (const release of held) release();
  expect(whatEach(await Promise.all(served), 'servedBy')).toEqual({ coach: MANY });
});
