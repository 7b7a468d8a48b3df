import { describe, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import {
  callsOf,
  breakerState,
  durationsOf,
  isFull,
  median,
  metric,
  noteArrivals,
  offer,
  sendOne,
  sendUntil,
  tally,
} from './offered-load.ts';
import type { Sent } from './offered-load.ts';

const PER_SECOND = 20;
const SECONDS = isFull ? 30 : 4;
/** Until both breakers have seen enough. */
const SETTLED_AFTER = 1.5 * PER_SECOND;
/** The promise is 100 ms on a calm machine. */
const QUICKLY_MS = 100;
const MONOLITH_TIMEOUT_MS = 500;

const blamesMonolith: Behaviour = (_request, res) =>
  sendJson(res, {}, { 'x-served-by': 'coach', 'x-failed-dependency': 'legacy-monolith' }, 503);
const fails: Behaviour = (_request, res) => sendJson(res, {}, { 'x-served-by': 'legacy' }, 503);

async function startInFront(): Promise<EdgeUnderTest> {
  return await startEdgeUnderTest({
    route: { initialWeight: 100 },
    legacyUpstream: { firstByteTimeoutMs: MONOLITH_TIMEOUT_MS },
  });
}

const RETRY_AFTER = expect.stringMatching(/^[1-9]\d*$/);

async function expectOwn503(sent: Sent): Promise<void> {
  expect(sent).toMatchObject({ status: 503, retryAfter: RETRY_AFTER, servedBy: undefined });
  expect(JSON.parse(sent.body)).toMatchObject({ status: 503, service: 'edge-proxy' });
  await Promise.resolve();
}

function expectQuick(sent: readonly Sent[]): void {
  const middle = median(durationsOf(sent));
  if (isFull) console.info(`${expect.getState().currentTestName}: 503 after ${middle.toFixed(1)} ms (median)`);
  expect(middle).toBeLessThan(QUICKLY_MS);
}

describe('a monolith that fails behind a coach is left alone', () => {
  const FAILURES: Record<string, Behaviour> = {
    'it answers 503': fails,
    'it resets': (_request, res) => void res.socket?.resetAndDestroy(),
    'it hangs': () => undefined,
  };

  test.concurrent.each(Object.keys(FAILURES))('%s', async (name) => {
    await using edge = await startInFront();
    edge.coach.behave(blamesMonolith);
    const atMonolith = noteArrivals(edge.legacy, FAILURES[name]);
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: SECONDS });
    const settled = sent.slice(SETTLED_AFTER);
    expect(sent.filter(({ status }) => status < 500)).toEqual([]);
    expect(Object.keys(tally(settled.map(({ status }) => status)))).toContain('503');
    expectQuick(settled);
    // Probes only: three at a time, each round followed by a time open of a second or more.
    expect(callsOf(atMonolith, settled)).toBeLessThanOrEqual(3 * (1 + SECONDS / 2));
    expect(callsOf(atMonolith, sent)).toBeLessThan(sent.length / 3);
    expect(await metric(edge, 'edge_fallbacks_withheld_total', { route: 'wod', why: 'breaker-open' })).toBeGreaterThan(
      0,
    );
  });

  test.concurrent('it refuses', async () => {
    await using edge = await startInFront();
    edge.coach.behave(blamesMonolith);
    await edge.legacy.refuse();
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: SECONDS });
    expect(Object.keys(tally(sent.map(({ status }) => status)))).toEqual(['503']);
    expectQuick(sent);
  });

  test.concurrent('its own recovery is noticed', async () => {
    await using edge = await startInFront();
    edge.coach.behave(blamesMonolith);
    edge.legacy.behave(fails);
    await offer(edge, { perSecond: PER_SECOND, seconds: 0.5 });
    edge.legacy.behave(answeringAs('legacy'));
    await sendUntil(edge, ({ status }) => status === 200);
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 0.5 });
    expect(tally(sent.map(({ status, servedBy }) => `${status} ${servedBy}`))).toEqual({ '200 legacy': sent.length });
  });
});

describe('503 with Retry-After at once', () => {
  test.concurrent('both refuse', async () => {
    await using edge = await startInFront();
    await edge.coach.refuse();
    await edge.legacy.refuse();
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 2 });
    for (const one of sent) await expectOwn503(one);
    expect(sent[0]!.reason).toBe('refused');
    expectQuick(sent);
  });

  test.concurrent('both breakers are open', async () => {
    await using edge = await startInFront();
    edge.coach.behave(blamesMonolith);
    edge.legacy.behave(fails);
    await sendUntil(edge, ({ servedBy }) => servedBy === undefined);
    expect(await breakerState(edge, 'coach')).toBe(2);
    expect(await breakerState(edge, 'legacy')).toBe(2);
    const calls = edge.coach.requests.length + edge.legacy.requests.length;
    const sent = await offer(edge, { perSecond: 100, seconds: 0.2 });
    for (const one of sent) await expectOwn503(one);
    expectQuick(sent);
    // A few at most, should the time that a breaker stays open end just now.
    expect(edge.coach.requests.length + edge.legacy.requests.length - calls).toBeLessThanOrEqual(6);
  });

  test.concurrent.each(['/anything', '/fitness/wod'])('the monolith refuses and %s is its own', async (path) => {
    await using edge = await startInFront();
    await edge.setWeight(0);
    await edge.legacy.refuse();
    const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 0.5, path });
    for (const one of sent) await expectOwn503(one);
    expectQuick(sent);
    expect(await breakerState(edge, 'legacy', 'reachability')).toBe(2);
    const posted = await sendOne(edge, path, { method: 'POST', body: 'x' });
    await expectOwn503(posted);
  });
});

test.concurrent('a monolith that comes back serves again', async () => {
  await using edge = await startInFront();
  await edge.legacy.refuse();
  await offer(edge, { perSecond: PER_SECOND, seconds: 0.5, path: '/anything' });
  await edge.legacy.listenAgain();
  await edge.setWeight(0);
  await sendUntil(edge, ({ status }) => status === 200);
  const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 0.5, path: '/anything' });
  expect(tally(sent.map(({ status }) => status))).toEqual({ 200: sent.length });
});
