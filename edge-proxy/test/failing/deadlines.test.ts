import { describe, expect, test } from '@jest/globals';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { breakerState, durationsOf, offer, sendOne, tally } from './offered-load.ts';

const ATTEMPT_TIMEOUT_MS = 500;
const DEADLINE_MS = 1500;

async function startWithDeadline(): Promise<EdgeUnderTest> {
  return await startEdgeUnderTest({
    route: { initialWeight: 100, deadlineMs: DEADLINE_MS },
    coachUpstream: { firstByteTimeoutMs: ATTEMPT_TIMEOUT_MS },
  });
}

/** What an upstream was told of how long the edge waits for it. */
function toldMs(upstream: Recorder): number {
  const told = upstream.requests.at(-1)?.headers['x-edge-timeout-ms'];
  expect(told).toMatch(/^[1-9]\d*$/);
  return Number(told);
}

const hangs: Behaviour = () => undefined;

test.concurrent('an upstream is told how long the edge waits for it', async () => {
  await using edge = await startWithDeadline();
  await sendOne(edge);
  expect(toldMs(edge.coach)).toBeLessThanOrEqual(ATTEMPT_TIMEOUT_MS);
  expect(toldMs(edge.coach)).toBeGreaterThan(ATTEMPT_TIMEOUT_MS / 2);
  await sendOne(edge, '/anything');
  expect(toldMs(edge.legacy)).toBeGreaterThan(DEADLINE_MS / 2);
});

test.concurrent("a client's own word about it counts for nothing", async () => {
  await using edge = await startWithDeadline();
  await sendOne(edge, '/fitness/wod', { headers: { 'x-edge-timeout-ms': '86400000' } });
  expect(toldMs(edge.coach)).toBeLessThanOrEqual(ATTEMPT_TIMEOUT_MS);
  const fields = edge.coach.requests.at(-1)!.rawHeaders.filter((name) => /^x-edge-timeout-ms$/i.test(name));
  expect(fields).toHaveLength(1);
});

test.concurrent('a fallback has what the first attempt has left of the deadline', async () => {
  await using edge = await startWithDeadline();
  edge.coach.behave(hangs);
  await sendOne(edge);
  expect(toldMs(edge.legacy)).toBeLessThanOrEqual(DEADLINE_MS - ATTEMPT_TIMEOUT_MS + 2);
});

test.concurrent('both hang: 504 at the deadline, and both calls are given up', async () => {
  await using edge = await startWithDeadline();
  edge.coach.behave(hangs);
  edge.legacy.behave(hangs);
  const sent = await sendOne(edge);
  expect(sent).toMatchObject({ status: 504, reason: 'first-byte-timeout' });
  const [tookMs] = durationsOf([sent]);
  expect(tookMs).toBeGreaterThan(DEADLINE_MS - 10);
  expect(tookMs).toBeLessThan(2 * DEADLINE_MS);
  await edge.coach.left('/fitness/wod');
  await edge.legacy.left('/fitness/wod');
});

test.concurrent('a repeat on the old side has no time of its own', async () => {
  await using edge = await startWithDeadline();
  let calls = 0;
  await edge.setWeight(0);
  // It leaves a kept connection behind; a reset on a new one is not repeated.
  await sendOne(edge);
  edge.legacy.behave(
    (_request, res) => void (calls++ === 0 ? setTimeout(() => res.socket?.resetAndDestroy(), 700) : 0),
  );
  const sent = await sendOne(edge);
  expect(sent.status).toBe(504);
  expect(toldMs(edge.legacy)).toBeLessThanOrEqual(DEADLINE_MS - 600);
  expect(durationsOf([sent])[0]).toBeLessThan(2 * DEADLINE_MS);
});

/** A coach that hangs, and whose time-out alone would use up the whole deadline. */
async function offerWithoutTime({ deadlineMs, monolithTakesMs }: { deadlineMs: number; monolithTakesMs: number }) {
  await using hasty = await startEdgeUnderTest({
    route: { initialWeight: 100, deadlineMs },
    coachUpstream: { firstByteTimeoutMs: deadlineMs },
  });
  hasty.coach.behave(hangs);
  hasty.legacy.behave(
    (request, res) => void setTimeout(() => void answeringAs('legacy')(request, res), monolithTakesMs),
  );
  const sent = await offer(hasty, { perSecond: 10, seconds: 1.5 });
  expect(await sendOne(hasty, '/anything')).toMatchObject({ status: 200, servedBy: 'legacy' });
  const answers = await breakerState(hasty, 'legacy', 'answers');
  const reachability = await breakerState(hasty, 'legacy', 'reachability');
  return { statuses: tally(sent.map(({ status }) => status)), answers, reachability };
}

describe('a coach that hangs takes nothing from the monolith:', () => {
  test.concurrent('neither the time for its answers', async () => {
    const { statuses, answers, reachability } = await offerWithoutTime({ deadlineMs: 2000, monolithTakesMs: 20 });
    expect(statuses).toEqual({ 200: 15 });
    expect([answers, reachability]).toEqual([0, 0]);
  });

  test.concurrent('nor its other paths, if it needs more time than is left', async () => {
    const { statuses, reachability } = await offerWithoutTime({ deadlineMs: 600, monolithTakesMs: 800 });
    // It is spared once it is too late each time.
    expect([200, 503, 504]).toEqual(expect.arrayContaining(Object.keys(statuses).map(Number)));
    expect(statuses).toHaveProperty('504');
    expect(reachability).toBe(0);
  });
});

test.concurrent(
  'a monolith that hangs behind a coach that is gone is left alone, however short the deadline',
  async () => {
    await using hasty = await startEdgeUnderTest({ route: { initialWeight: 100, deadlineMs: 400 } });
    await hasty.coach.refuse();
    hasty.legacy.behave(hangs);
    await offer(hasty, { perSecond: 20, seconds: 1 });
    expect(await breakerState(hasty, 'legacy', 'answers')).toBeGreaterThan(0);
    expect(await breakerState(hasty, 'legacy', 'reachability')).toBe(0);
  },
);
