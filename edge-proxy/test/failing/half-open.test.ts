import { setTimeout as passed } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { breakerState, isFull, offer, sendOne, sendUntil, tally } from './offered-load.ts';
import { answerWell, startWireCoach } from './wire-coach.ts';
import type { Turn, WireCoach } from './wire-coach.ts';

const SECONDS = isFull ? 30 : 4;
const PER_SECOND = 100;
const PROBES = 3;
const FIRST_BYTE_TIMEOUT_MS = 800;

const reset = ({ socket }: Turn) => void socket.resetAndDestroy();

/** A coach that has failed until the breaker opened. */
async function startOpen(): Promise<AsyncDisposable & { edge: EdgeUnderTest; coach: WireCoach }> {
  await using started = new AsyncDisposableStack();
  const coach = started.use(await startWireCoach(reset));
  const edge = started.use(
    await startEdgeUnderTest({
      route: { initialWeight: 100 },
      coachUpstream: {
        url: coach.url,
        firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS,
        breaker: { openMs: 300, maxOpenMs: 1000 },
      },
    }),
  );
  await sendUntil(edge, ({ reason }) => reason === 'breaker-open');
  const open = started.move();
  return { edge, coach, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Holds back every call until told what to do with it. */
function hold(coach: WireCoach): Turn[] {
  const held: Turn[] = [];
  coach.behave((turn) => void held.push(turn));
  return held;
}

async function untilHeld(edge: EdgeUnderTest, held: readonly Turn[], count: number): Promise<void> {
  while (held.length < count) {
    void sendOne(edge);
    await passed(10);
  }
}

test.concurrent('never more than three probes at the same time, whatever the load', async () => {
  await using open = await startOpen();
  const { edge, coach } = open;
  let most = 0;
  coach.behave(() => (most = Math.max(most, coach.open().length)));
  const before = coach.calls.length;
  const sent = await offer(edge, { perSecond: PER_SECOND, seconds: SECONDS });
  expect(tally(sent.map(({ status, servedBy }) => `${status} ${servedBy}`))).toEqual({ '200 legacy': sent.length });
  const probes = coach.calls.length - before;
  expect(probes).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(PROBES);
  // Each round of probes hangs for the attempt's time-out and is followed by a time open.
  const rounds = 1 + (SECONDS * 1000) / (FIRST_BYTE_TIMEOUT_MS + 300);
  expect(probes).toBeLessThanOrEqual(PROBES * rounds);
});

test.concurrent('three probes that succeed close the breaker, and not earlier', async () => {
  await using open = await startOpen();
  const { edge, coach } = open;
  const held = hold(coach);
  await untilHeld(edge, held, PROBES);
  expect(await breakerState(edge, 'coach')).toBe(1);
  for (const probe of held.slice(0, PROBES - 1)) probe.answer();
  expect((await sendOne(edge)).reason).toBe('breaker-open');
  expect(held).toHaveLength(PROBES);
  coach.behave(answerWell);
  held[PROBES - 1]!.answer();
  await sendUntil(edge, ({ servedBy }) => servedBy === 'coach');
  const sent = await offer(edge, { perSecond: PER_SECOND, seconds: 0.5 });
  expect(tally(sent.map(({ servedBy }) => servedBy))).toEqual({ coach: sent.length });
  expect(await breakerState(edge, 'coach', 'answers')).toBe(0);
  expect(await breakerState(edge, 'coach', 'reachability')).toBe(0);
});

test.concurrent('one probe that fails opens it again', async () => {
  await using open = await startOpen();
  const { edge, coach } = open;
  const held = hold(coach);
  await untilHeld(edge, held, PROBES);
  reset(held[0]!);
  while ((await breakerState(edge, 'coach')) !== 2) await passed(10);
  expect((await sendOne(edge)).reason).toBe('breaker-open');
  expect(held).toHaveLength(PROBES);
});

test.concurrent('a probe whose client leaves gives its place back', async () => {
  await using open = await startOpen();
  const { edge, coach } = open;
  const held = hold(coach);
  const leaving = new AbortController();
  while (held.length < PROBES) {
    void sendOne(edge, '/fitness/wod', { signal: leaving.signal });
    await passed(10);
  }
  leaving.abort();
  coach.behave(answerWell);
  const sent = await sendUntil(edge, ({ servedBy }) => servedBy === 'coach');
  expect(tally(sent.map(({ status }) => status))).toEqual({ 200: sent.length });
});

test.concurrent('what may not be repeated gets 503 with Retry-After at once while the breaker is open', async () => {
  await using open = await startOpen();
  const { edge, coach } = open;
  const before = coach.calls.length;
  const sent = await sendOne(edge, '/fitness/wod', { method: 'POST', body: 'x' });
  expect(sent).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-9]\d*$/) });
  expect(coach.calls).toHaveLength(before);
  expect(edge.legacy.requests.filter(({ method }) => method === 'POST')).toEqual([]);
});

test.concurrent('probes that find no free place cost nothing: one place is enough to close the breaker', async () => {
  await using small = await startWireCoach(reset);
  await using narrow = await startEdgeUnderTest({
    route: { initialWeight: 100, fallbackBudgetPercent: 100 },
    coachUpstream: { url: small.url, maxInFlight: 1, breaker: { openMs: 300, maxOpenMs: 1000 } },
  });
  await sendUntil(narrow, ({ reason }) => reason === 'breaker-open');
  small.behave(({ answer }) => void setTimeout(answer, 50));
  await offer(narrow, { perSecond: PER_SECOND, seconds: 1 });
  await sendUntil(narrow, ({ servedBy }) => servedBy === 'coach');
  expect(await breakerState(narrow, 'coach')).toBe(0);
});
