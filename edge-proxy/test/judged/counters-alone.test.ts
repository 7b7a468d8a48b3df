import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { CounterScraper } from '../../src/adapters/prometheus-counters.ts';
import { rampOf, startRampingFleet } from '../../src/control-plane/test/ramping-fleet.ts';
import { replicasOfEachTest } from '../../src/control-plane/test/replica.ts';
import type { Replica } from '../../src/control-plane/test/replica.ts';
import { judgeAgain } from '../../src/domain/judge-again.ts';

const MINUTE_MS = 60_000;
const PLAN = {
  steps: '10 % for 30 m, 50 % for 1 m, 100 %',
  judgedBy: 'custom-gates',
  gates: {
    custom: [{ name: 'errors', upstream: 'coach', bad: 'calls_total{code="500"}', total: 'calls_total' }],
  },
};

const replica = replicasOfEachTest();
let gateway: Recorder;
let scraper: CounterScraper;
/** What the gateway in front of the coach counts from one look at it to the next. */
let traffic: { ok: number; bad: number };

beforeEach(async () => {
  const counted = { ok: 5000, bad: 700 };
  traffic = { ok: 99, bad: 1 };
  gateway = await startRecorder((_request, res) => {
    counted.ok += traffic.ok;
    counted.bad += traffic.bad;
    res.end(`calls_total{code="200"} ${counted.ok}\ncalls_total{code="500"} ${counted.bad}\n`);
  });
  scraper = new CounterScraper({ timeoutMs: 10_000, onFault: () => undefined });
});
afterEach(async () => {
  await scraper.close();
  await gateway[Symbol.asyncDispose]();
});

/** One edge that no request passes. */
async function startRamp(): Promise<{ edge: Replica; passTime: (ms: number) => void }> {
  const countersOf = async (_upstream: string, path: string, selectors: readonly string[]) =>
    await scraper.read({ origin: gateway.url, path }, selectors);
  const start: typeof replica = async (options) => await replica({ ...options, observed: { countersOf } });
  const { edges, passTime } = await startRampingFleet(start, 1, PLAN);
  return { edge: edges[0]!, passTime };
}

/** The edge looks until something holds; the test's own time limit ends it. */
async function lookUntil(edge: Replica, holds: () => boolean): Promise<void> {
  do {
    await edge.plane.judge();
    await edge.plane.round();
    await delay(1);
  } while (!holds());
}

const verdictOf = (edge: Replica) => edge.control.verdict('wod')?.gates.find(({ gate }) => gate === 'errors')?.verdict;
const looksFurther = (times: number) => {
  const before = gateway.requests.length;
  return () => gateway.requests.length >= before + times;
};

test('a ramp that counters judge alone ends at 100 % by itself, and each step can be judged again', async () => {
  const { edge, passTime } = await startRamp();
  await lookUntil(edge, () => verdictOf(edge) === 'pass');
  await lookUntil(edge, looksFurther(2));
  expect(rampOf(edge)).toBe('10 % running');
  passTime(30 * MINUTE_MS);
  await lookUntil(edge, () => rampOf(edge) === '50 % running');
  await lookUntil(edge, () => verdictOf(edge) === 'pass');
  passTime(MINUTE_MS);
  await lookUntil(edge, () => rampOf(edge) === '100 % completed');

  const { entries } = await edge.control.history({ route: 'wod', limit: 10 });
  expect(entries.map(({ changedBy, weight }) => [changedBy, weight])).toEqual([
    ['ramp', 10_000],
    ['ramp', 10_000],
    ['ramp', 5000],
    ['ops@fit.example', 1000],
  ]);
  for (const { verdicts } of entries.slice(0, 3)) {
    expect(verdicts.filter(({ verdict }) => verdict === 'pass').map(({ gate }) => gate)).toEqual(['errors']);
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable')).toEqual([]);
    expect(verdicts.map(judgeAgain)).toEqual(verdicts.map(({ verdict }) => verdict));
  }
});

test('one whose counters turn bad goes back', async () => {
  const { edge } = await startRamp();
  await lookUntil(edge, () => verdictOf(edge) === 'pass');
  traffic = { ok: 50, bad: 50 };
  await lookUntil(edge, () => rampOf(edge) === '0 % rolled-back');
  const { entries } = await edge.control.history({ route: 'wod', limit: 1 });
  expect(entries[0]?.reason).toContain('gate errors: ');
});

test('one whose counters stand still waits, however good they were', async () => {
  const { edge, passTime } = await startRamp();
  await lookUntil(edge, () => verdictOf(edge) === 'pass');
  traffic = { ok: 0, bad: 0 };
  await lookUntil(edge, looksFurther(2));
  passTime(30 * MINUTE_MS);
  await lookUntil(edge, () => verdictOf(edge) === 'not-enough-data');
  await lookUntil(edge, looksFurther(2));
  expect(rampOf(edge)).toBe('10 % running');
  expect(edge.control.verdict('wod')?.decision).toMatchObject({
    kind: 'hold',
    sentence: expect.stringContaining('nothing was counted in the last two periods'),
  });
});
