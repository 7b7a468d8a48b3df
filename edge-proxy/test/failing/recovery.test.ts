import { setTimeout as passed } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import { forkCoach } from './forked-coach.ts';
import type { ForkedCall, ForkedCoach } from './forked-coach.ts';
import { isFull, offer, sendUntil, tally } from './offered-load.ts';
import type { Sent } from './offered-load.ts';

/** 80 requests a second. */
const CAPACITY = { slots: 8, serviceMs: 100 };
const PER_SECOND = 64;
const WARM_S = 1;
const STALL_S = isFull ? 10 : 3;
const RECOVERS_WITHIN_S = isFull ? 20 : 5;
const MEASURED_S = isFull ? 10 : 2;
const PROBES = 3;

const onCoach = (coach: ForkedCoach) => ({ url: coach.url, firstByteTimeoutMs: 800 });

test('a coach at 80 % of its capacity stalls: nobody notices, and it has its users back soon after', async () => {
  await using coach = await forkCoach(CAPACITY);
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: onCoach(coach) });
  const load = offer(edge, { perSecond: PER_SECOND, seconds: WARM_S + STALL_S + RECOVERS_WITHIN_S + MEASURED_S });
  await passed(WARM_S * 1000);
  coach.stop();
  await passed(STALL_S * 1000);
  const goesOnAt = Date.now();
  coach.goOn();
  const sent = await load;

  const last = sent.slice(-MEASURED_S * PER_SECOND);
  expect(last.filter(({ status }) => status === 200).length / last.length).toBeGreaterThanOrEqual(0.95);
  expect(last.filter(({ servedBy }) => servedBy === 'coach').length / last.length).toBeGreaterThanOrEqual(0.8);
  expect(tally(sent.map(({ status }) => status))).toEqual({ 200: sent.length });
  expect(mostProbesAtOnce(sent, coach, goesOnAt)).toBeLessThanOrEqual(PROBES);
});

/**
 * Of the requests that came after the breaker opened, how many were at the coach at the same time before it had answered
 * enough of them to close the breaker. What lay in its sockets from before, answered by the monolith long ago, is not
 * among them.
 */
function mostProbesAtOnce(sent: readonly Sent[], coach: ForkedCoach, goesOnAt: number): number {
  const opened = sent.findIndex(({ reason }) => reason === 'breaker-open');
  const goesOn = goesOnAt - performance.timeOrigin;
  const awaited = sent.slice(opened).filter(({ endedAt }) => endedAt > goesOn);
  const ids = new Set(awaited.map(({ id }) => id));
  const probes = coach.calls.filter(({ id }) => ids.has(id));
  const succeeded = probes.filter(({ answered }) => answered).map(({ endedAt }) => endedAt!);
  const closedAt = succeeded.sort((a, b) => a - b)[PROBES - 1]!;
  const before = probes.filter(({ arrivedAt }) => arrivedAt < closedAt);
  return Math.max(0, ...before.map(({ arrivedAt }) => before.filter((call) => isAt(call, arrivedAt)).length));
}

const isAt = ({ arrivedAt, endedAt = Infinity }: ForkedCall, time: number) => arrivedAt <= time && time < endedAt;

test('a coach that is killed under load and starts again: nobody notices', async () => {
  await using coach = await forkCoach(CAPACITY);
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: onCoach(coach) });
  const load = offer(edge, { perSecond: PER_SECOND, seconds: 3 });
  await passed(1000);
  await coach.kill();
  await passed(1000);
  await using next = await forkCoach({ ...CAPACITY, port: Number(new URL(coach.url).port) });
  const sent = [...(await load), ...(await sendUntil(edge, ({ servedBy }) => servedBy === 'coach'))];
  expect(tally(sent.map(({ status }) => status))).toEqual({ 200: sent.length });
  const reasons = Object.keys(tally(sent.map(({ reason }) => reason)));
  expect(['breaker-open', 'refused', 'reset', 'undefined']).toEqual(expect.arrayContaining(reasons));
  expect(next.calls.length).toBeGreaterThan(0);
});
