import { expect, test } from '@jest/globals';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import {
  breakerState,
  durationsOf,
  isFull,
  median,
  metric,
  noteArrivals,
  offer,
  sendOne,
  tally,
} from './offered-load.ts';

const SECONDS = isFull ? 30 : 5;

test('an overloaded coach: fallbacks within their budget, 503 with Retry-After for the rest', async () => {
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: { maxInFlight: 4 } });
  edge.coach.behave((request, res) => void setTimeout(() => void answeringAs('coach')(request, res), 200));
  const atMonolith = noteArrivals(edge.legacy);
  const sent = await offer(edge, { perSecond: 80, seconds: SECONDS });

  const outcomes = tally(sent.map(({ status, servedBy }) => `${status} ${servedBy}`));
  expect(Object.keys(outcomes).sort()).toEqual(['200 coach', '200 legacy', '503 undefined']);
  // Capacity is 20 a second; a busy machine may take a good part of it.
  expect(outcomes['200 coach']).toBeGreaterThan(10 * SECONDS);
  // 20 % of what is offered, and a few a second while nothing is known yet.
  expect(outcomes['200 legacy']).toBeLessThanOrEqual(0.35 * sent.length);
  expect(atMonolith.size).toBe(outcomes['200 legacy']);
  const withheld = sent.filter(({ status }) => status === 503);
  expect(withheld.filter(({ retryAfter }) => !/^[1-9]\d*$/.test(retryAfter ?? ''))).toEqual([]);
  expect(tally(sent.filter(({ servedBy }) => servedBy === 'legacy').map(({ reason }) => reason))).toEqual({
    overloaded: outcomes['200 legacy'],
  });
  expect(await metric(edge, 'edge_fallbacks_withheld_total', { route: 'wod', why: 'budget-spent' })).toBe(
    withheld.length,
  );
  expect(median(durationsOf(withheld))).toBeLessThan(100);
  expect(await breakerState(edge, 'coach')).toBe(0);
});

test.concurrent.each([0, 100])('the budget is the route file’s: %d %%', async (percent) => {
  await using edge = await startEdgeUnderTest({
    route: { initialWeight: 100, fallbackBudgetPercent: percent },
    coachUpstream: { maxInFlight: 1, firstByteTimeoutMs: 60_000 },
  });
  let release = () => {};
  edge.coach.behave((request, res) => void (release = () => void answeringAs('coach')(request, res)));
  const first = sendOne(edge);
  await edge.coach.arrived('/fitness/wod', 1);
  const sent = await offer(edge, { perSecond: 40, seconds: 1.5 });
  const covered = sent.filter(({ servedBy }) => servedBy === 'legacy').length;
  if (percent === 100) expect(covered).toBe(sent.length);
  else expect(covered).toBeLessThan(sent.length / 2);
  release();
  expect((await first).servedBy).toBe('coach');
});

test.concurrent('a fault is no overload: its fallbacks have no budget', async () => {
  await using edge = await startEdgeUnderTest({
    route: { initialWeight: 100, fallbackBudgetPercent: 1 },
    coachUpstream: { breaker: { failures: 1000, percent: 100, windowMs: 100 } },
  });
  edge.coach.behave((_request, res) => void res.socket?.resetAndDestroy());
  const sent = await offer(edge, { perSecond: 100, seconds: 1 });
  expect(tally(sent.map(({ status }) => status))).toEqual({ 200: sent.length });
});

test.concurrent('bounded concurrency of the monolith: 503 with Retry-After at once', async () => {
  await using edge = await startEdgeUnderTest({ legacyUpstream: { maxInFlight: 2 } });
  const held: (() => void)[] = [];
  edge.legacy.behave((request, res) => void held.push(() => void answeringAs('legacy')(request, res)));
  const served = [sendOne(edge, '/a'), sendOne(edge, '/a')];
  await edge.legacy.arrived('/a', 2);
  const refused = await Promise.all([sendOne(edge, '/a'), sendOne(edge, '/b', { method: 'POST', body: 'x' })]);
  for (const one of refused) {
    expect(one).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-9]\d*$/) });
  }
  expect(edge.legacy.requests).toHaveLength(2);
  for (const release of held) release();
  expect(tally((await Promise.all(served)).map(({ status }) => status))).toEqual({ 200: 2 });
  edge.legacy.behave(answeringAs('legacy'));
  expect((await sendOne(edge, '/a')).status).toBe(200);
});
