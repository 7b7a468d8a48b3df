import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventQueue } from './event-queue.ts';
import { LOOKS_PER_SECOND, storeNeeds } from './fleet.ts';
import { readMeasured, updated, valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { ASSUMED, needsOf } from './model.ts';
import { PAGE_FILE, withParts } from './page.ts';
import { simulateHistory } from './simulate-history.ts';
import type { HistoryOptions } from './simulate-history.ts';
import { simulateStore } from './simulate-store.ts';
import type { StoreOptions } from './simulate-store.ts';
import { computedParts } from './tables.ts';

const measured = readMeasured();

test('docs/scale.md has the tables that follow from measured.json; `npm run scale` writes them', () => {
  const page = readFileSync(PAGE_FILE, 'utf8');
  expect(withParts(page, computedParts(measured))).toBe(page);
});

test('a page without a place for a part is refused by its name', () => {
  expect(() => withParts('# Scale', { walls: '' })).toThrow('docs/scale.md must have <!-- walls -->');
});

describe('measured figures', () => {
  test('have a value, a unit, and say what, how, where and when', () => {
    for (const [name, { value, ...origin }] of Object.entries(measured)) {
      expect({ name, isPositive: value > 0 }).toEqual({ name, isPositive: true });
      expect(Object.values(origin).every((text) => text.length > 0)).toBe(true);
      expect(origin.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  test('that nobody described are refused, and those that are no number', () => {
    const origin = { machine: 'm', date: '2026-01-01' };
    expect(() => updated(measured, { unknown: 1 }, origin)).toThrow('measured.json does not describe "unknown"');
    expect(() => updated(measured, { edgeMicros: Number.NaN }, origin)).toThrow('edgeMicros: must be a number');
    expect(() => valueOf(measured, 'unknown')).toThrow('measured.json has no figure "unknown"');
    expect(updated(measured, { edgeMicros: 123.456 }, origin)['edgeMicros']).toMatchObject({ value: 123, ...origin });
  });
});

describe('the model', () => {
  const round: Measured = Object.fromEntries(
    Object.entries(measured).map(([name, figure]) => [name, { ...figure, value: 100 }]),
  );

  test('gives each core its share: at 100 µs each, a core at 60 % carries 6,000 a second', () => {
    expect(ASSUMED.busyShare).toBe(0.6);
    const one = { ...round, historyCallsPerWorkout: { ...round['historyCallsPerWorkout']!, value: 1 } };
    const { coaches, monoliths, postgresConnections } = needsOf(12_000, one);
    expect({ coaches, monoliths, postgresConnections }).toEqual({ coaches: 2, monoliths: 2, postgresConnections: 40 });
  });

  test('needs no less for more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (some, more) => {
        const [less, all] = [needsOf(some, measured), needsOf(some + more, measured)];
        for (const name of ['coaches', 'monoliths', 'postgresCores', 'logBytesPerSecond'] as const) {
          expect(all[name]).toBeGreaterThanOrEqual(less[name]);
        }
        for (const fleet of ['fleet', 'fleetOfOneLooking'] as const) {
          expect(all[fleet]?.edges ?? Infinity).toBeGreaterThanOrEqual(less[fleet]?.edges ?? Infinity);
        }
      }),
    );
  });

  test('agrees with what real edges asked of a real Redis, for reports of the size that they had', () => {
    const of = (name: string) => valueOf(measured, name);
    const edges = 6;
    const reportBytes = (of('redisInBytesLoad6') - of('redisInBytesRest6')) / LOOKS_PER_SECOND;
    const size = { ...measured['fullEvidenceBytes']!, value: reportBytes };
    const { busy, bytesPerSecond } = storeNeeds({ edges, lookers: edges }, { ...measured, fullEvidenceBytes: size });
    for (const ratio of [
      (edges * of('redisOutBytesLoad6')) / bytesPerSecond,
      (edges * of('redisCpuMicrosLoad6')) / 1_000_000 / busy,
    ]) {
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });
});

describe('the event queue', () => {
  test('gives the soonest first, and what was added first of the same moment', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (moments) => {
        const queue = new EventQueue<number>();
        moments.forEach((at, order) => queue.add(at, order));
        const taken = moments.map(() => queue.next()!);
        const expected = moments
          .map((at, event) => ({ at, event }))
          .toSorted((a, b) => a.at - b.at || a.event - b.event);
        expect(taken.map(({ at, event }) => ({ at, event }))).toEqual(expected);
        expect(queue.next()).toBeUndefined();
      }),
    );
  });
});

describe('the simulated monolith', () => {
  const options: HistoryOptions = {
    perSecond: 500,
    monoliths: 1,
    historyMs: 1,
    oldMs: 1,
    patienceMs: 600,
    generator: { workers: 32, queue: 256, leastMs: 1000, mostMs: 5000 },
    deadlineMs: 12_000,
    seconds: 20,
    seed: 1,
  };

  test('waits as an M/M/1 queue does while it has room: median and 95th part of an exponential time', () => {
    for (const perSecond of [500, 800]) {
      const { p50Ms, p95Ms, fellBack, failed } = simulateHistory({ ...options, perSecond });
      const meanMs = 1000 / (1000 - perSecond);
      expect(p50Ms / (meanMs * Math.log(2))).toBeCloseTo(1, 0);
      expect(p95Ms / (meanMs * Math.log(20))).toBeCloseTo(1, 0);
      expect({ fellBack, failed }).toEqual({ fellBack: 0, failed: 0 });
    }
  });

  test('depends on its seed alone', () => {
    const short = { ...options, seconds: 2 };
    const served = simulateHistory(short);
    expect(simulateHistory(short)).toEqual(served);
    expect(simulateHistory({ ...short, seed: 2 })).not.toEqual(served);
  });

  test('misses the objective when it is asked for more than it can, and a second one mends that', () => {
    const over = { ...options, perSecond: 1200, seconds: 10 };
    expect(simulateHistory(over).failed).toBeGreaterThan(0.01);
    expect(simulateHistory({ ...over, monoliths: 2 })).toMatchObject({ fellBack: 0, failed: 0 });
  });

  test('the old generator serves as many as it has workers for', () => {
    const none = { ...options, patienceMs: 0, perSecond: 5, seconds: 30 };
    const served = simulateHistory(none);
    expect(served.fellBack).toBe(1);
    expect(served.failed).toBe(0);
    expect(served.p50Ms).toBeGreaterThan(1000);
    expect(served.p95Ms).toBeLessThan(5100);
  });
});

describe('the simulated Redis', () => {
  const options: StoreOptions = {
    edges: 10,
    lookers: 10,
    everyMs: 500,
    putMs: 0.1,
    lookMs: 0.1,
    restMs: 1,
    seconds: 20,
    seed: 1,
  };

  test('is as busy as its jobs add up to', () => {
    expect(simulateStore(options).busy).toBeCloseTo(10 * 0.001 + 20 * (0.0001 + 10 * 0.0001), 2);
  });

  test('over its limit it stays busy, looks and changes wait, and one that looks alone has time', () => {
    const many = { ...options, edges: 200, lookers: 200 };
    const served = simulateStore(many);
    expect(served.busy).toBeGreaterThan(0.99);
    expect(served.lookP50Ms).toBeGreaterThan(500);
    expect(served.changeP95Ms).toBeGreaterThan(500);
    const alone = simulateStore({ ...many, lookers: 1 });
    expect(alone.busy).toBeLessThan(0.5);
    expect(alone.changeP95Ms).toBeLessThan(100);
  });
});
