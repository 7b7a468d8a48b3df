import { describe, expect, test } from '@jest/globals';
import { judge } from './aims.ts';
import { cpuChart } from './chart.ts';
import type { Compared } from './comparison.ts';
import { featureCost } from './cpu-profile.ts';
import { figureOf, percentile, rotated } from './figures.ts';
import { coresOf } from './machine.ts';
import { readOptions } from './options.ts';
import { parsePaced } from './paced-load.ts';
import { connectionCounts } from './series.ts';
import { changeOf } from './soak.ts';
import { parseWrk } from './wrk.ts';

test.each([
  [[3], 3, 0],
  [[1, 9, 5], 5, 160],
  [[4, 2], 3, (2 / 3) * 100],
  [[0, 0], 0, 0],
])('the median of %j is %d, its spread %d %%', (values, median, spreadPercent) => {
  expect(figureOf(values)).toMatchObject({ median, spreadPercent });
});

test('a figure needs a value', () => {
  expect(() => figureOf([])).toThrow('received none');
});

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])('the percentile %d of 100 values is the nearest rank', (share, value) => {
  expect(
    percentile(
      Array.from({ length: 100 }, (_, index) => 100 - index),
      share,
    ),
  ).toBe(value);
});

test('each takes every place once', () => {
  expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotated([], 2)).toEqual([]);
});

test.each([
  [1, { proxy: '0', others: '0', shared: true }],
  [2, { proxy: '1', others: '0', shared: false }],
  [8, { proxy: '7', others: '0-6', shared: false }],
])('on %d cores', (count, cores) => {
  expect(coresOf(count)).toEqual(cores);
});

test.each([
  [20_000, [10, 100, 1000, 9750]],
  [Infinity, [10, 100, 1000, 10_000]],
  [1024, [10, 100, 262]],
])('with %d descriptors', (limit, counts) => {
  expect(connectionCounts(limit)).toEqual(counts);
});

describe("wrk's result", () => {
  test('is the line of the script', () => {
    const line =
      '{"requests":90,"durationMicros":2000000,"errors":{"connect":1,"read":2,"write":0,"status":3,"timeout":0}}';
    expect(parseWrk(`Running 2s test\n  90 requests in 2.00s\n\nresult ${line}\n`)).toEqual({
      requests: 90,
      seconds: 2,
      errors: 6,
    });
  });

  test('is missed', () => {
    expect(() => parseWrk('unable to connect')).toThrow('unable to connect');
  });
});

describe("h2load's log", () => {
  const window = { fromSeconds: 1, seconds: 2, periodMicros: 20_000 };
  const START = 1_700_000_000_000_000;
  const logOf = (rows: [atMicros: number, status: number, micros: number][]) =>
    rows.map(([at, ...rest]) => [START + at, ...rest].join('\t')).join('\n') + '\n';

  test('counts what was sent within the window, in whatever order', () => {
    const log = logOf([
      [1_500_000, 200, 300],
      [0, 200, 90_000],
      [2_999_999, 200, 100],
      [1_000_000, 200, 200],
      [3_000_000, 200, 90_000],
    ]);
    expect(parsePaced(log, window)).toEqual({ p50Micros: 200, p99Micros: 300, requestsPerSecond: 1.5, errors: 0 });
  });

  test('counts failures of the whole time, and times none of them', () => {
    const log = logOf([
      [0, -1, 5],
      [1_500_000, 200, 300],
      [1_500_001, 502, 1],
    ]);
    expect(parsePaced(log, window)).toMatchObject({ p50Micros: 300, errors: 2 });
  });

  test('adds the requests that a long wait held back', () => {
    // 50 ms at a period of 20: two more were due after 20 and 40 ms, and would have waited 30 and 10.
    const log = logOf([
      [0, 200, 1],
      [1_500_000, 200, 50_000],
    ]);
    expect(parsePaced(log, window)).toMatchObject({ p50Micros: 30_000, p99Micros: 50_000 });
  });
});

describe('the share of features in a profile', () => {
  const OWN = 'file:///x/edge-proxy/src';
  const call = (id: number, url: string, children: number[] = [], functionName = 'f') => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const nodes = [
    call(1, '', [2, 3, 8], '(root)'),
    call(2, '', [], '(idle)'),
    call(3, `${OWN}/data-plane/pipeline.ts`, [4, 6]),
    call(4, `${OWN}/domain/breaker.ts`, [5, 7]),
    call(5, 'node:internal/x'),
    call(6, 'node:internal/x'),
    call(7, `${OWN}/data-plane/attempt.ts`),
    call(8, '', [], '(garbage collector)'),
  ];
  // A sample has the time until the next; the last has none. The first 100 µs are the warm-up.
  const samples = [4, 2, 3, 4, 5, 6, 7, 8, 1];
  const profile = { nodes, startTime: 0, samples, timeDeltas: [50, 50, 100, 10, 20, 30, 20, 10, 10] };
  const options = { features: { breaker: ['domain/breaker.ts'] }, ownFiles: /edge-proxy\/src\//, fromMicros: 100 };

  test('has what a feature calls, but not the rest of the edge that it calls', () => {
    const cost = featureCost(profile, options);
    expect(cost.totalPercent).toBeCloseTo(50);
    expect(cost.byFeature['breaker']).toBeCloseTo(50);
    expect(cost.byFile).toEqual({ 'domain/breaker.ts': expect.closeTo(50) });
  });

  test('is of busy time', () => {
    expect(featureCost(profile, options)).toMatchObject({
      busyPercent: 50,
      garbageCollectionPercent: expect.closeTo(10),
    });
  });

  test('takes a folder for all of its files', () => {
    const features = { all: ['edge-proxy/src/domain/'] };
    expect(featureCost(profile, { ...options, features }).totalPercent).toBeCloseTo(50);
  });
});

describe('the aims', () => {
  const proxy = (name: Compared['name'], values: number[], p99 = 1): Compared => ({
    name,
    cpuMicros: figureOf(values),
    requestsPerSecond: figureOf([1]),
    corePercent: figureOf([100]),
    othersPercent: figureOf([0]),
    p99Micros: figureOf([p99]),
    errors: 0,
  });
  const verdicts = (compared: Compared[], featuresPercent = 9) =>
    judge({ compared, memory: [], featuresPercent }).map(({ verdict }) => verdict);

  test('are met, met by far, or not', () => {
    const compared = [proxy('edge', [20], 400), proxy('bare-undici', [20]), proxy('nginx', [10], 100)];
    expect(verdicts([...compared, proxy('express-hpm', [30]), proxy('reply-from', [29])])).toEqual([
      'stretch met',
      'met',
      'NOT met',
      'met',
      'NOT met',
      'not measured',
      'met',
    ]);
  });

  test("do not count beside nginx where nginx's own figures were far apart", () => {
    expect(verdicts([proxy('edge', [20]), proxy('nginx', [10, 10, 12])])[1]).toBe(
      "does not count: nginx's own spread is 20 %",
    );
  });

  test('stand with the proxies in the chart', () => {
    const chart = cpuChart([proxy('nginx', [17]), proxy('edge', [34])], 'a <machine>, 2026-01-01');
    expect(chart).toContain('34.0 µs');
    expect(chart).toContain('a &#60;machine&#62;, 2026-01-01');
  });
});

test('a soak is judged from its second minute', () => {
  const minute = (cpuMicros: number, memoryMib: number, descriptors: number) => ({
    minute: 1,
    requestsPerSecond: 1,
    failed: 0,
    cpuMicros,
    memoryMib,
    descriptors,
  });
  expect(changeOf([minute(90, 50, 10), minute(40, 100, 140), minute(44, 90, 141)])).toEqual({
    cpuPercent: expect.closeTo(10),
    memoryPercent: expect.closeTo(-10),
    descriptors: 1,
  });
});

describe('the options', () => {
  test('are these by default', () => {
    expect(readOptions([])).toMatchObject({ mode: { kind: 'compare' }, rounds: 5, seconds: 5, json: false });
  });

  test.each([
    [['--only', 'edge,nginx'], { only: ['edge', 'nginx'] }],
    [['--series', 'routes'], { mode: { kind: 'series', name: 'routes' } }],
    [['--soak', '60', '--json'], { mode: { kind: 'soak', minutes: 60 }, json: true }],
    [['--features', '--seconds', '2'], { mode: { kind: 'features' }, seconds: 2 }],
  ])('%j', (argv, read) => {
    expect(readOptions(argv)).toMatchObject(read);
  });

  test.each([
    [['--what'], '--what'],
    [['--rounds', '0'], 'received "0"'],
    [['--only', 'apache'], 'received "apache"'],
    [['--series', 'users'], 'received "users"'],
    [['--features', '--soak', '1'], 'exclude each other'],
    [['--features', '--chart', 'x.svg'], '--chart'],
    [['extra'], 'extra'],
  ])('%j is refused', (argv, why) => {
    expect(() => readOptions(argv)).toThrow(why);
  });
});
