import { beforeAll, expect, test } from '@jest/globals';
import { simulationChart } from './chart.ts';
import { proportionAtMost } from './exact-bound.ts';
import { EXPERIMENTS, perform } from './experiments.ts';
import type { Finding, Job } from './experiments.ts';
import { readOptions } from './options.ts';
import { RandomStream } from './random-stream.ts';
import { simulateAll } from './simulation.ts';
import type { Findings } from './simulation.ts';
import { detections, falseRollbacks, tables } from './tables.ts';

/** A reduction of `npm run simulate`, on threads like it: within the test's own, such loops take twenty times as long. */
const SEED = 1;
const THREADS = 2;
const EQUAL = EXPERIMENTS.filter(({ kind }) => kind === 'equal').map(({ name }) => name);
const BLOCKED = {
  'no-traffic': 'waits for failed, slow, invalid, failed-relative',
  'old-side-only': '0 are on the new side',
  'new-side-only': 'mis-split',
  lopsided: 'mis-split: of',
  misplaced: 'answered by the side that is not the user',
};
const WORSE = { 'worse-100-at-10': 120, 'worse-100-at-50': 60 };
const job = (experiment: string, over: Partial<Job> = {}): Job => ({ experiment, seed: SEED, run: 0, ...over });

let found: Findings;
beforeAll(async () => {
  const names = [...EQUAL, ...Object.keys(WORSE), ...Object.keys(BLOCKED)];
  found = await simulateAll(
    names.map((name) => job(name)),
    THREADS,
    () => {},
  );
}, 120_000);

test.each(EQUAL)('equal sides (%s): not rolled back in a day', (name) => {
  const { rolledBackAtSecond, isCompleted, promotedByOperator, requests } = found.get(name)![0]!;
  expect(rolledBackAtSecond).toBeUndefined();
  expect(isCompleted || promotedByOperator > 0).toBe(true);
  expect(requests).toBeGreaterThan(80_000);
});

test.each(Object.entries(WORSE))('a worse coach (%s): rolled back within %d s', (name, seconds) => {
  expect(found.get(name)![0]!.rolledBackAtSecond).toBeLessThan(seconds);
  expect(found.get(name)![0]!.sentence).toContain('failed');
});

test.each(Object.entries(BLOCKED))('%s: neither promoted nor rolled back, and says why', (name, sentence) => {
  const expected = { advances: 0, rolledBackAtSecond: undefined, sentence: expect.stringContaining(sentence) };
  expect(found.get(name)![0]).toMatchObject(expected);
});

test.each(['worse-100-at-10', 'worse-10-at-50', 'lopsided'])(
  'a ramp decides the same whether it looks every second or when something changed: %s',
  async (name) => {
    const findings = await simulateAll([job(name), job(name, { everyLook: true })], THREADS, () => {});
    const [changed, every] = findings.get(name)!;
    expect(changed).toEqual(every);
  },
  60_000,
);

test('a ramp depends on its seed alone', () => {
  const one = job('worse-100-at-50', { seed: 3 });
  expect(perform(one)).toEqual(perform(one));
  expect(perform({ ...one, run: 2 }).requests).not.toBe(perform(one).requests);
  expect(() => perform(job('none'))).toThrow('There is no experiment "none"');
});

test('random streams are even, and others for other seeds', () => {
  const shares = Array.from({ length: 20_000 }, (_, run) => new RandomStream(SEED, run).share());
  expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.5, 1);
  expect(new Set(shares).size).toBeGreaterThan(19_990);
});

// (1 - p)^300 = 5 %; and the bound of one in 300, from tables of Clopper and Pearson's interval.
test.each([
  [0, 300, 1 - 0.05 ** (1 / 300)],
  [1, 300, 0.015_72],
  [300, 300, 1],
])('%d of %d: at most %d', (successes, trials, expected) => {
  expect(proportionAtMost({ successes, trials }, 0.95)).toBeCloseTo(expected, 4);
});

test('tables and chart say what was found', () => {
  const worse: Finding = {
    rolledBackAtSecond: 30,
    requests: 3000,
    isCompleted: false,
    promotedByOperator: 0,
    advances: 0,
    rivals: { requests: true, 'user-minutes': false },
    sentence: 'gate failed',
  };
  const spared: Finding = { ...worse, rolledBackAtSecond: undefined };
  const findings = new Map([
    ['plain', [spared, spared, spared, worse]],
    ['worse-100-at-1', [worse, spared]],
    ['misplaced', [spared]],
  ]);
  const lines = tables(findings).join('\n');
  expect(lines).toMatch(/plain +4 +1 \(25\.0 %\) +75\.14 % +4 \(100\.0 %\) +0 \(0\.0 %\)/);
  expect(lines).toMatch(/1 % +2 +1 \(50\.0 %\) +0 +3,000 +over 6 h +30 +over 6 h/);
  expect(lines).toMatch(/misplaced +1 +0 +0 .*gate failed/);
  const chart = simulationChart(falseRollbacks(findings), detections(findings));
  expect(chart).toContain('25.0 %, so at most 75.1 %');
  expect(chart).toContain('30 s, p95 over 6 h');
});

test.each([
  [['--runs', '0'], '--runs must be a whole number from 1 to 100000, received "0"'],
  [['--only', 'plain,nothing'], '--only must name some of plain,'],
  [['--day', '2'], "Unknown option '--day'"],
])('options %j are refused', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(message);
});
