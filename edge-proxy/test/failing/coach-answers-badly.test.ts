import { describe, expect, test } from '@jest/globals';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import { ATTEMPT_TIMEOUT_MS, expectCovered, expectServedByMonolith, onTheWire } from './covered.ts';
import type { CoachFault } from './covered.ts';
import { noteArrivals, offer, sendUntil, tally } from './offered-load.ts';
import { answerWell, startWireCoach } from './wire-coach.ts';

/** Sends these bytes, and leaves the connection as it is. */
const answers = (reason: string, bytes: string): CoachFault =>
  onTheWire(reason, ({ socket, fault }) => {
    fault();
    socket.write(bytes, 'latin1');
  });

const status = (code: number, fields = '') =>
  answers('server-error', `HTTP/1.1 ${code} x\r\nx-served-by: coach\r\n${fields}content-length: 2\r\n\r\n{}`);
const chunks = (lines: string) =>
  answers('malformed', `HTTP/1.1 200 OK\r\nx-served-by: coach\r\ntransfer-encoding: chunked\r\n\r\n${lines}`);

const FAULTS: Record<string, CoachFault> = {
  'no HTTP': answers('malformed', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'),
  'two lengths': answers('malformed', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
  'a bad chunk line': chunks('2\r\nab\r\nnonsense\r\n'),
  'a chunk longer than its line says': chunks('2\r\nabc\r\n0\r\n\r\n'),
  '500': status(500),
  '502': status(502),
  '503': status(503, 'retry-after: 5\r\n'),
  '504': status(504),
  'a wrong address of a healthy monolith': status(503, 'x-failed-dependency: legacy-monolith\r\n'),
};

describe('every request is served by the monolith', () => {
  test.concurrent.each(Object.keys(FAULTS))('%s', async (name) => await expectCovered(FAULTS[name]!));
});

test.concurrent('a burst of 5xx that ends: nobody meets it, and the coach is back soon', async () => {
  await using coach = await startWireCoach(({ socket }) => {
    socket.write('HTTP/1.1 502 x\r\ncontent-length: 0\r\n\r\n');
  });
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: { url: coach.url } });
  setTimeout(() => coach.behave(answerWell), 500);
  const sent = await offer(edge, { perSecond: 40, seconds: 2 });
  expect(tally(sent.map((one) => one.status))).toEqual({ 200: sent.length });
  const back = await sendUntil(edge, ({ servedBy }) => servedBy === 'coach');
  expect(tally(back.map((one) => one.status))).toEqual({ 200: back.length });
});

test.concurrent('a slow start: the first answers come too late, all others at once', async () => {
  await using coach = await startWireCoach(({ answer }) => void setTimeout(answer, 1.5 * ATTEMPT_TIMEOUT_MS));
  await using edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { url: coach.url, firstByteTimeoutMs: ATTEMPT_TIMEOUT_MS },
  });
  const atMonolith = noteArrivals(edge.legacy);
  setTimeout(() => coach.behave(answerWell), 1000);
  const sent = await offer(edge, { perSecond: 40, seconds: 2.5 });
  expect(tally(sent.map((one) => one.status))).toEqual({ 200: sent.length });
  expectServedByMonolith(sent.slice(0, 20));
  expect(sent[0]!.reason).toBe('first-byte-timeout');
  const back = await sendUntil(edge, ({ servedBy }) => servedBy === 'coach');
  const reasons = tally([...sent, ...back].map((one) => one.reason));
  expect(Object.keys(reasons).sort()).toEqual(['breaker-open', 'first-byte-timeout', 'undefined']);
  expect(Math.max(...[...atMonolith.values()].map((times) => times.length))).toBe(1);
});

test.concurrent('every second answer fails: that is enough for the breaker, and nobody meets it', async () => {
  await using coach = await startWireCoach(({ socket, index, answer }) =>
    index % 2 === 0 ? void socket.resetAndDestroy() : answer(),
  );
  await using edge = await startEdgeUnderTest({ route: { initialWeight: 100 }, coachUpstream: { url: coach.url } });
  const sent = await offer(edge, { perSecond: 40, seconds: 2.5 });
  expect(tally(sent.map((one) => one.status))).toEqual({ 200: sent.length });
  expect(sent.findIndex(({ reason }) => reason === 'breaker-open')).toBeGreaterThanOrEqual(10);
  const { reset = 0, 'breaker-open': spared = 0 } = tally(sent.map((one) => one.reason));
  expect(spared).toBeGreaterThan(sent.length / 2);
  expect(reset).toBeLessThanOrEqual(10);
});
