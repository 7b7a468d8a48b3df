import { describe, expect, test } from '@jest/globals';
import type { SideTraffic, Traffic } from '@fit/edge-proxy/admin-api/schemas';
import { percentOf, roundUp, timesOf, totalByReason, valuesOf, weightMarks, withSample } from './columns.ts';

const START = Date.UTC(2026, 2, 1);
const SIDE: SideTraffic = { requests: 10, failed: 1, saved: 0, p50_ms: 1, p95_ms: 2, p99_ms: 3 };

function sampleAt(seconds: number, members: Partial<Traffic> = {}): Traffic {
  return {
    at: new Date(START + seconds * 1000).toISOString(),
    window_seconds: 10,
    weight: 10,
    revision: 1,
    replicas: 1,
    sides: { old: SIDE, new: SIDE },
    fallbacks: {},
    withheld: {},
    ...members,
  };
}

describe('the samples of a chart', () => {
  test('take each moment once, and go back ten minutes', () => {
    const samples = [0, 1, 601, 601, 600].reduce<readonly Traffic[]>((all, at) => withSample(all, sampleAt(at)), []);
    expect(samples).toEqual([sampleAt(1), sampleAt(601)]);
  });

  test('have a hole where none came', () => {
    const samples = [sampleAt(0), sampleAt(1), sampleAt(60), sampleAt(62.9)];
    const { times, holes } = timesOf(samples);
    expect(times.map((time) => time - START / 1000)).toEqual(
      [0, 1, 2, 60, 62.9].map((time) => expect.closeTo(time, 5)),
    );
    expect(valuesOf(samples, holes, ({ sides }) => sides.old.requests)).toEqual([10, 10, null, 10, 10]);
  });

  test('mark where the weight changed', () => {
    const samples = [10, 10, 25, 25, 0].map((weight, at) => sampleAt(at, { weight }));
    expect(weightMarks(samples)).toEqual([
      { seconds: START / 1000 + 2, label: '10 → 25 %' },
      { seconds: START / 1000 + 4, label: '25 → 0 %' },
    ]);
  });
});

test('a share of no requests is none', () => {
  expect(percentOf(1, SIDE)).toBe(10);
  expect(percentOf(0, { ...SIDE, requests: 0 })).toBeNull();
});

test('windows that overlap are counted once', () => {
  const samples = Array.from({ length: 30 }, (_, at) =>
    sampleAt(at, { fallbacks: { refused: 2, timeout: at < 10 ? 1 : 0 } }),
  );
  expect(totalByReason(samples, ({ fallbacks }) => fallbacks)).toEqual(
    new Map([
      ['refused', 6],
      ['timeout', 1],
    ]),
  );
});

test.each([
  [0.3, 0.5],
  [1, 1],
  [7, 10],
  [12, 20],
  [450, 500],
])('an axis up to %d ends at %d', (value, end) => {
  expect(roundUp(value)).toBeCloseTo(end, 9);
});
