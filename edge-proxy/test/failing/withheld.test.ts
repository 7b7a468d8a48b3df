import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sendJson } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { startEdgeUnderTest } from '../edge-under-test.ts';
import type { EdgeUnderTest } from '../edge-under-test.ts';
import { breakerState, metric, sendOne, sendUntil } from './offered-load.ts';

const coachFails: Behaviour = (_request, res) =>
  sendJson(res, { says: 'coach' }, { 'x-served-by': 'coach', 'retry-after': '7' }, 503);
const monolithFails: Behaviour = (_request, res) => sendJson(res, { says: 'legacy' }, { 'x-served-by': 'legacy' }, 500);

/** An edge that has learned that the monolith fails, and whose breaker for the coach has patience. */
let edge: EdgeUnderTest;
beforeEach(async () => {
  edge = await startEdgeUnderTest({
    route: { initialWeight: 100 },
    coachUpstream: { firstByteTimeoutMs: 300, breaker: { failures: 1000, minimumCalls: 1000 } },
    legacyUpstream: { breaker: { openMs: 60_000, maxOpenMs: 60_000 } },
  });
  edge.coach.behave(coachFails);
  edge.legacy.behave(monolithFails);
  await sendUntil(edge, ({ servedBy }) => servedBy === 'coach');
  expect(await breakerState(edge, 'legacy')).toBe(2);
});
afterEach(async () => await edge[Symbol.asyncDispose]());

const whoever = (status: number): object => ({ status, servedBy: undefined, reason: undefined });

const ROWS: [name: string, Behaviour, expected: object][] = [
  [
    'its own 503, as it is',
    coachFails,
    { status: 503, body: '{"says":"coach"}', servedBy: 'coach', retryAfter: '7', reason: undefined },
  ],
  ['502 for a reset', (_request, res) => void res.socket?.resetAndDestroy(), whoever(502)],
  ['502 for no HTTP', (_request, res) => void res.socket?.end('no HTTP\r\n\r\n'), whoever(502)],
  ['504 for a hang', () => undefined, whoever(504)],
  [
    '504 for a hang within the body',
    (_request, res) => void res.writeHead(200, { 'content-length': 100, 'x-served-by': 'coach' }).write('x'),
    whoever(504),
  ],
  [
    '502 for a reset within the body',
    (_request, res) => {
      res.writeHead(200, { 'content-length': 100 });
      res.write('x', () => setTimeout(() => res.socket?.resetAndDestroy(), 20));
    },
    whoever(502),
  ],
];

test.each(ROWS)('what the coach did is what the client gets: %s', async (_name, behaviour, expected) => {
  edge.coach.behave(behaviour);
  const calls = edge.legacy.requests.length;
  const before = (await metric(edge, 'edge_fallbacks_withheld_total', { route: 'wod', why: 'breaker-open' })) ?? 0;
  expect(await sendOne(edge)).toMatchObject(expected);
  expect(edge.legacy.requests).toHaveLength(calls);
  expect(await metric(edge, 'edge_fallbacks_withheld_total', { route: 'wod', why: 'breaker-open' })).toBe(before + 1);
});

test('a coach that refuses: 503 with Retry-After', async () => {
  await edge.coach.refuse();
  expect(await sendOne(edge)).toMatchObject({ ...whoever(503), retryAfter: expect.stringMatching(/^[1-9]\d*$/) });
});

test('a coach that is well is asked as ever', async () => {
  edge.coach.behave((_request, res) => sendJson(res, {}, { 'x-served-by': 'coach' }));
  expect(await sendOne(edge)).toMatchObject({ status: 200, servedBy: 'coach' });
});
