import { describe, expect, test } from '@jest/globals';
import { RandomStream } from '../../simulate/random-stream.ts';
import type { Side } from '../domain/split.ts';
import { CheckShare } from './check-share.ts';

const PERCENT = 10;
const SIDES = ['old', 'new'] as const;

type World = {
  /** Requests that are answered, and such that are refused. */
  perSecond: number;
  refusedPerSecond?: number;
  seconds: number;
  /** How long an answer takes. */
  tookMs: Readonly<Record<Side, number>>;
  /** Of requests that are to be answered. */
  newShare: number;
};

/** A route at random moments: how many requests of each side there were, and how many were drawn. */
function drawn({ perSecond, refusedPerSecond = 0, seconds, tookMs, newShare }: World) {
  const random = new RandomStream(perSecond, refusedPerSecond, tookMs.old, tookMs.new);
  const share = new CheckShare();
  const seen = { old: 0, new: 0 };
  const checked = { old: 0, new: 0 };
  const ends: Record<Side, number[]> = { old: [], new: [] };
  for (let now = 0; now < seconds * 1000; now += 1000 * random.gap(perSecond + refusedPerSecond)) {
    for (const side of SIDES) while (ends[side][0]! <= now) share.answered(ends[side].shift()!);
    const isDrawn = random.share() < share.at(now, PERCENT);
    if (random.share() * (perSecond + refusedPerSecond) < refusedPerSecond) continue;
    const side = random.share() < newShare ? 'new' : 'old';
    seen[side]++;
    if (isDrawn) checked[side]++;
    ends[side].push(now + tookMs[side]);
  }
  return { seen, checked, perSecond: (checked.old + checked.new) / seconds };
}

describe('at 10 % of people', () => {
  const answering = { alike: { old: 20, new: 20 }, slower: { old: 20, new: 700 }, faster: { old: 700, new: 5 } };

  test.each(
    [2, 15, 30, 100, 400].flatMap((perSecond) =>
      (['alike', 'slower', 'faster'] as const).map((is) => [perSecond, is] as const),
    ),
  )('of %d requests a second, the new side %s, each side has its part checked', (perSecond, is) => {
    const world = { perSecond, seconds: 20_000 / perSecond, tookMs: answering[is], newShare: 0.1 };
    const { seen, checked } = drawn(world);
    const share = (checked.old + checked.new) / (seen.old + seen.new);
    for (const side of SIDES) {
      const deviation = Math.sqrt((share * (1 - share)) / seen[side]);
      expect(Math.abs(checked[side] / seen[side] - share)).toBeLessThanOrEqual(4 * deviation);
    }
  });
});

describe('of so many requests a second', () => {
  test.each([
    [1, 1],
    [10, 10],
    [100, 20],
    [150, 20],
    [1000, 100],
  ])('%d, about %d are checked', (perSecond, expected) => {
    const world = { perSecond, seconds: 100, tookMs: { old: 20, new: 20 }, newShare: 0.5 };
    const ratio = drawn(world).perSecond / expected;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
  });

  test('five, all are checked although five hundred are refused', () => {
    const world = { perSecond: 5, refusedPerSecond: 500, seconds: 100, tookMs: { old: 20, new: 20 }, newShare: 0.5 };
    const { seen, checked } = drawn(world);
    expect(checked).toEqual(seen);
  });
});

test('the share begins at all of them, falls within a second of many, and rises again after a quiet one', () => {
  const share = new CheckShare();
  expect(share.at(0, PERCENT)).toBe(1);
  for (let at = 0; at < 80; at++) share.answered(at);
  expect(share.at(100, PERCENT)).toBe(0.25);
  expect(share.at(1500, PERCENT)).toBe(0.25);
  expect(share.at(2500, PERCENT)).toBe(1);
  for (let at = 0; at < 8000; at++) share.answered(2600);
  expect(share.at(2700, PERCENT)).toBe(0.1);
  expect(share.at(2700, 100)).toBe(1);
  expect(share.at(99_999, PERCENT)).toBe(1);
});
