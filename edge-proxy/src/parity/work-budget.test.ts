import { describe, expect, test } from '@jest/globals';
import { Rate, WorkBudget } from './work-budget.ts';

/** A world in which only work takes time. */
class World {
  nowMs = 0;
  usedMs = 0;
  readonly budget = new WorkBudget({ msPerSecond: 10, usedMs: () => this.usedMs, now: () => this.nowMs });

  work(ms: number): void {
    this.budget.run(() => {
      this.usedMs += ms;
      this.nowMs += ms;
    });
  }

  /** Runs of so long in a second of endless wishes, after the warm-up. */
  perSecond(ms: number): number {
    for (let at = 0; at < 20; at++) this.work(0);
    let runs = 0;
    for (const end = this.nowMs + 60_000; this.nowMs < end; this.nowMs++) {
      if (!this.budget.isOpen) continue;
      this.work(ms);
      runs++;
    }
    return runs / 60;
  }
}

test.each([
  [0.1, 100],
  [1, 10],
  [2, 2.5],
  [4, 0.63],
  [100, 0.33],
])('runs of %d ms: %d a second', (ms, perSecond) => {
  const measured = new World().perSecond(ms);
  expect(measured).toBeGreaterThan(perSecond * 0.9);
  expect(measured).toBeLessThan(perSecond * 1.35);
});

test('first runs, which are slow, do not keep others from running', () => {
  const world = new World();
  for (let at = 0; at < 9; at++) world.work(50);
  expect(world.budget.isOpen).toBe(true);
});

test('waiting for a busy machine, and a coarse count of processor time, are not charged', () => {
  const world = new World();
  for (let at = 0; at < 20; at++) world.work(0);
  world.budget.run(() => (world.nowMs += 300));
  world.budget.run(() => (world.usedMs += 20));
  expect(world.budget.isOpen).toBe(true);
});

test('what is spent without being measured counts', () => {
  const { budget } = new World();
  budget.spend(9);
  expect(budget.isOpen).toBe(true);
  budget.spend(2);
  expect(budget.isOpen).toBe(false);
});

test('what throws is charged', () => {
  const world = new World();
  for (let at = 0; at < 20; at++) world.work(0);
  const fail = () =>
    world.budget.run(() => {
      world.usedMs += 20;
      world.nowMs += 20;
      throw new Error('out of order');
    });
  expect(fail).toThrow('out of order');
  expect(world.budget.isOpen).toBe(false);
});

describe('a rate of five a second', () => {
  const take = (everyMs: number, seconds: number) => {
    const rate = new Rate(5);
    let taken = 0;
    for (let now = 0; now < seconds * 1000; now += everyMs) if (rate.take(now)) taken++;
    return taken;
  };

  test.each([
    [1, 10, 51],
    [50, 10, 51],
    [1000, 10, 10],
  ])('asked for every %d ms for %d s, gives %d', (everyMs, seconds, expected) => {
    expect(Math.abs(take(everyMs, seconds) - expected)).toBeLessThanOrEqual(1);
  });
});
