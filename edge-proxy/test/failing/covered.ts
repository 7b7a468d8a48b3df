import { expect } from '@jest/globals';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { breakerState, callsOf, isFull, median, metric, noteArrivals, offer, tally } from './offered-load.ts';
import type { Arrivals, Sent } from './offered-load.ts';
import { startWireCoach } from './wire-coach.ts';
import type { FailingCoach, WireBehaviour } from './wire-coach.ts';

const PER_SECOND = 25;
const SECONDS = isFull ? 12 : 1.6;
export const ATTEMPT_TIMEOUT_MS = 800;
export const CONNECT_TIMEOUT_MS = 300;
/** The promise is 50 ms on a calm machine; on a busy one it is at least no second time-out that is waited for. */
const PROMPT_MS = 600;
/** Failures in a row that open a breaker. */
const TO_OPEN = 5;

/** One way in which a coach fails. */
export type CoachFault = {
  /** `X-Edge-Fallback` of the requests that met the fault. */
  reason: string;
  start: () => Promise<FailingCoach>;
  /** For a coach that does nothing at the moment of its fault: how long after the request it is certain. */
  certainAfterMs?: number;
};

export const onTheWire = (reason: string, behaviour: WireBehaviour): CoachFault => ({
  reason,
  start: async () => await startWireCoach(behaviour),
});

/** What never completes is certain to have failed at the attempt's time-out. */
export const tooLate = (reason: string, behaviour: WireBehaviour): CoachFault => ({
  ...onTheWire(reason, behaviour),
  certainAfterMs: ATTEMPT_TIMEOUT_MS,
});

/**
 * Offers a steady load to an edge whose coach fails in this way from the first request on. Nobody notices, and nobody
 * pays for it longer than until the breaker opens.
 */
export async function expectCovered({ reason, start, certainAfterMs }: CoachFault): Promise<void> {
  await using coach = await start();
  await using edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: {
      url: coach.url,
      firstByteTimeoutMs: ATTEMPT_TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    },
  });
  const atMonolith = noteArrivals(edge.legacy);
  // A fault that shows late shows to all who were sent until then.
  const seconds = SECONDS + (certainAfterMs ?? 0) / 1000;
  const sent = await offer(edge, { perSecond: PER_SECOND, seconds });

  expectServedByMonolith(sent);
  expectReasons(sent, reason);
  // Open within a second of the first certain fault: so many were sent until then.
  const opened = sent.findIndex((one) => one.reason === 'breaker-open');
  expect(opened).toBeLessThanOrEqual(PER_SECOND * (1 + (certainAfterMs ?? 0) / 1000));
  expectPromptFallback(sent, { atMonolith, coach, certainAfterMs, reason });
  expectBoundedLoad(sent, { atMonolith, coach });
  await expectCounted(edge, sent, reason);
}

export function expectServedByMonolith(sent: readonly Sent[]): void {
  const outcomes = sent.map(({ status, servedBy, body }) => `${status} of ${servedBy}: ${body}`);
  expect(tally(outcomes)).toEqual({ '200 of legacy: {"by":"legacy"}': sent.length });
}

/** First the fault itself, then the open breaker; the fault again only in probes. */
function expectReasons(sent: readonly Sent[], reason: string): void {
  const opened = sent.findIndex((one) => one.reason === 'breaker-open');
  const { [reason]: met = 0, 'breaker-open': spared = 0, ...others } = tally(sent.map((one) => one.reason));
  expect(others).toEqual({});
  expect(spared).toBeGreaterThan(0);
  expect(met).toBeGreaterThanOrEqual(TO_OPEN);
  expect(opened).toBeGreaterThanOrEqual(TO_OPEN);
}

type Seen = { atMonolith: Arrivals; coach: FailingCoach };

function expectPromptFallback(
  sent: readonly Sent[],
  { atMonolith, coach, certainAfterMs, reason }: Seen & { certainAfterMs: number | undefined; reason: string },
): void {
  const faultAt = new Map(coach.calls.map((call) => [call.id, call.faultAt]));
  const delays = sent
    .filter((one) => one.reason === reason)
    .map(({ id, sentAt }) => {
      const certainAt = certainAfterMs === undefined ? faultAt.get(id) : sentAt + certainAfterMs;
      return atMonolith.get(id)![0]! - (certainAt ?? sentAt);
    });
  const middle = median(delays);
  if (isFull) console.info(`${expect.getState().currentTestName}: fallback after ${middle.toFixed(1)} ms (median)`);
  expect(middle).toBeLessThan(PROMPT_MS);
  // Timers count in whole milliseconds: one may fire up to one early. Earlier than that the fault was not certain.
  expect(Math.min(...delays)).toBeGreaterThan(-2);
}

/** Calls by request, so that those which were under way when the breaker opened do not count for those after them. */
function expectBoundedLoad(sent: readonly Sent[], { atMonolith, coach }: Seen): void {
  const after = sent.slice(sent.findIndex((one) => one.reason === 'breaker-open'));
  const ids = new Set(after.map(({ id }) => id));
  // A coach that no request reaches saw none: then the edge's word for its attempts counts.
  const seen = coach.calls.filter(({ id }) => ids.has(id)).length;
  const said = after.filter((one) => one.reason !== 'breaker-open').length;
  expect((callsOf(atMonolith, after) + Math.max(seen, said)) / after.length).toBeLessThanOrEqual(1.2);
}

async function expectCounted(edge: EdgeUnderTest, sent: readonly Sent[], reason: string): Promise<void> {
  const inHeaders = tally(sent.map((one) => one.reason));
  for (const name of [reason, 'breaker-open']) {
    const labels = { route: 'wod', reason: name };
    expect([name, await metric(edge, 'edge_fallbacks_total', labels)]).toEqual([name, inHeaders[name]]);
  }
  expect(await breakerState(edge, 'coach')).toBeGreaterThan(0);
  expect(await breakerState(edge, 'legacy')).toBe(0);
}
