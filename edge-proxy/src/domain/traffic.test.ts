import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DURATION_BOUNDS_MS, durationSlot, newShareOf, noCounts, noTraffic, quantileMs, sumOf } from './traffic.ts';
import type { RouteTraffic, SideCounts } from './traffic.ts';

function countsOf(durationsMs: readonly number[]): SideCounts {
  const durations = [...noCounts().durations];
  for (const each of durationsMs) durations[durationSlot(each)]!++;
  return { ...noCounts(), requests: durationsMs.length, durations };
}

function trafficOf(old: Partial<SideCounts>, gaining: Partial<SideCounts>): RouteTraffic {
  return { ...noTraffic(), sides: { old: { ...noCounts(), ...old }, new: { ...noCounts(), ...gaining } } };
}

describe('the slot of a duration', () => {
  test('is the first whose bound it does not exceed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 120_000, noNaN: true }), (durationMs) => {
        const slot = durationSlot(durationMs);
        const found = DURATION_BOUNDS_MS.findIndex((bound) => durationMs <= bound * (1 + 1e-9));
        expect(slot).toBe(found === -1 ? DURATION_BOUNDS_MS.length : found);
      }),
    );
  });

  test.each(DURATION_BOUNDS_MS.map((bound, slot) => [bound, slot]))('of the bound %d itself is %d', (bound, slot) => {
    expect(durationSlot(bound)).toBe(slot);
  });
});

describe('a quantile', () => {
  test('above a millisecond is off by a fifth at most from the one of the durations themselves', () => {
    const durations = fc.array(fc.double({ min: 1.001, max: 50_000, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 0.99), (durationsMs, share) => {
        const sorted = durationsMs.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
        const estimated = quantileMs(countsOf(durationsMs), share)!;
        expect(estimated).toBeGreaterThanOrEqual(exact / 1.21);
        expect(estimated).toBeLessThanOrEqual(exact * 1.21);
      }),
    );
  });

  test('of nothing is unknown', () => {
    expect(quantileMs(noCounts(), 0.5)).toBeUndefined();
  });

  test('beyond the last bound is that bound', () => {
    expect(quantileMs(countsOf([1e9]), 0.99)).toBe(DURATION_BOUNDS_MS.at(-1));
  });
});

test('what several edges carried is added up, side by side and reason by reason', () => {
  const sum = sumOf([
    { ...trafficOf({ requests: 2, failed: 1 }, { requests: 3, saved: 2 }), fallbacks: { refused: 2 } },
    {
      ...trafficOf({ requests: 5 }, { requests: 7, saved: 1 }),
      fallbacks: { refused: 1, reset: 4 },
      withheld: { budget: 1 },
    },
  ]);
  expect(sum.sides.old).toMatchObject({ requests: 7, failed: 1, saved: 0 });
  expect(sum.sides.new).toMatchObject({ requests: 10, failed: 0, saved: 3 });
  expect(sum).toMatchObject({ fallbacks: { refused: 3, reset: 4 }, withheld: { budget: 1 } });
});

test.each([
  [0, 0, undefined],
  [0, 5, 1],
  [9, 0, 0],
  [3, 1, 0.25],
])('%d requests on the old side and %d on the new are a share of %p', (old, gaining, share) => {
  expect(newShareOf(trafficOf({ requests: old }, { requests: gaining }))).toBe(share);
});
