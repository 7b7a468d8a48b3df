import { expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { answeringAs, startEdgeUnderTest } from '../edge-under-test.ts';
import { sendOne } from './offered-load.ts';

/** One request at a time: too few for a breaker to have an opinion from the start. */
const REQUESTS = 12;
const TIMEOUT_MS = 150;

const error: Behaviour = (_request, res) => sendJson(res, {}, {}, 503);
const resets: Behaviour = (_request, res) => void res.socket?.resetAndDestroy();
const closes: Behaviour = (_request, res) => void res.socket?.end();
const hangs: Behaviour = () => undefined;
const serves = answeringAs('legacy');

/** A kept connection that was closed at its idle limit: every second call on one is reset, the others are fine. */
function forgetful(): Behaviour {
  const used = new WeakSet();
  return (request, res) => {
    if (used.has(res.socket!)) return void res.socket!.resetAndDestroy();
    used.add(res.socket!);
    return serves(request, res);
  };
}

const ROWS: [coach: string, monolith: string, { coach: Behaviour; monolith: Behaviour }][] = [
  ['answers 503', 'serves', { coach: error, monolith: serves }],
  ['resets', 'serves', { coach: resets, monolith: serves }],
  ['hangs', 'serves', { coach: hangs, monolith: serves }],
  ['answers 503', 'answers 503', { coach: error, monolith: error }],
  ['answers 503', 'resets', { coach: error, monolith: resets }],
  ['answers 503', 'closes', { coach: error, monolith: closes }],
  ['resets', 'resets', { coach: resets, monolith: resets }],
  ['hangs', 'hangs', { coach: hangs, monolith: hangs }],
  ['resets', 'is forgetful', { coach: resets, monolith: forgetful() }],
];

test.each(ROWS)('a coach that %s, a monolith that %s', async (_coach, _monolith, { coach, monolith }) => {
  await using edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { firstByteTimeoutMs: TIMEOUT_MS },
    legacyUpstream: { firstByteTimeoutMs: TIMEOUT_MS },
  });
  edge.coach.behave(coach);
  edge.legacy.behave(monolith);
  for (let n = 0; n < REQUESTS; n++) {
    const before = edge.coach.requests.length + edge.legacy.requests.length;
    const { status } = await sendOne(edge);
    const calls = edge.coach.requests.length + edge.legacy.requests.length - before;
    expect(calls).toBeLessThanOrEqual(2);
    expect(status).toBeGreaterThanOrEqual(200);
  }
});

test('a request for the old side alone: two calls at most', async () => {
  await using edge = await startEdgeUnderTest();
  edge.legacy.behave(resets);
  for (let calls = 0, n = 0; n < REQUESTS; n++, calls = edge.legacy.requests.length) {
    await sendOne(edge);
    expect(edge.legacy.requests.length - calls).toBeLessThanOrEqual(2);
  }
});
