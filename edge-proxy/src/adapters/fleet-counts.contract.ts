import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FleetCounts, ReplicaCounts } from '../control-plane/fleet-counts.ts';

export type OpenCounts = { counts: FleetCounts; close: () => Promise<void> };

/** What every adapter of the port `FleetCounts` promises. `open` gives one with nothing in it. */
export function fleetCountsContract(name: string, open: () => Promise<OpenCounts>): void {
  describe(`${name} as the counts of a fleet`, () => {
    let counts: FleetCounts;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ counts, close } = await open());
    });
    afterEach(async () => {
      await close();
    });

    const wod = (epoch: number) => ({ topic: 'evidence:wod', epoch });
    const of = (incarnation: string, value: unknown): ReplicaCounts => ({ incarnation, value });
    const all = async (epoch: number, topic = 'evidence:wod') =>
      (await counts.all({ topic, epoch })).toSorted((one, other) => one.incarnation.localeCompare(other.incarnation));

    test('has nothing at first', async () => {
      expect(await counts.all(wod(1))).toEqual([]);
      expect(await counts.facts('wod')).toEqual({});
    });

    test('has what each replica put last, whole, whatever its name', async () => {
      const value = { users: [1, 2 ** 32 - 1], text: '<b>"ü"</b> \u2028 🚀 \\ "checksum":"00000000"}', none: null };
      await counts.put(wod(3), of('a', { users: [1] }));
      await counts.put(wod(3), of('epoch', 7));
      await counts.put(wod(3), of('__proto__', []));
      await counts.put(wod(3), of('a', value));
      expect(await all(3)).toEqual([of('__proto__', []), of('a', value), of('epoch', 7)]);
    });

    test('a newer epoch drops the older one, and an older one is ignored', async () => {
      await counts.put(wod(9), of('a', 'old'));
      await counts.put(wod(9), of('b', 'old'));
      await counts.put(wod(10), of('a', 'new'));
      await counts.put(wod(9), of('b', 'late'));
      expect([await all(9), await all(10), await all(11)]).toEqual([[], [of('a', 'new')], []]);
      await counts.put(wod(10), of('b', 'new'));
      expect(await all(10)).toEqual([of('a', 'new'), of('b', 'new')]);
    });

    test('topics have nothing to do with each other', async () => {
      await counts.put({ topic: 'evidence:wod', epoch: 5 }, of('a', 1));
      await counts.put({ topic: 'evidence:plan', epoch: 2 }, of('a', 2));
      await counts.put({ topic: '__proto__', epoch: 2 }, of('a', 3));
      expect([await all(5), await all(2, 'evidence:plan'), await all(2, '__proto__')]).toEqual([
        [of('a', 1)],
        [of('a', 2)],
        [of('a', 3)],
      ]);
    });

    test('what was put does not change with what it was made of, nor what was read with what is put', async () => {
      const value = { units: 1 };
      await counts.put(wod(1), of('a', value));
      value.units = 2;
      const read = await all(1);
      await counts.put(wod(1), of('b', 0));
      expect(read).toEqual([of('a', { units: 1 })]);
    });

    test('of 50 puts of different epochs at once the newest one stays', async () => {
      const epochs = Array.from({ length: 50 }, (_, index) => ((index * 37) % 50) + 1);
      await Promise.all(epochs.map((epoch) => counts.put(wod(epoch), of(`replica-${epoch}`, epoch))));
      expect(await all(50)).toEqual([of('replica-50', 50)]);
    });

    test('a mebibyte is taken, and a byte more is refused', async () => {
      const text = 'x'.repeat(1_048_576 - 2);
      await counts.put(wod(1), of('a', text));
      await expect(counts.put(wod(1), of('a', `${text}x`))).rejects.toThrow(
        new RangeError('Counts of evidence:wod must have at most 1048576 bytes, received 1048577'),
      );
      await expect(counts.put(wod(1), of('a', 'ü'.repeat(600_000)))).rejects.toThrow(RangeError);
      expect(await all(1)).toEqual([of('a', text)]);
    });

    test.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses the epoch %p', async (epoch) => {
      await expect(counts.put(wod(epoch), of('a', 1))).rejects.toThrow('epoch of evidence:wod must be a whole number');
    });

    test('refuses what is no JSON', async () => {
      await expect(counts.put(wod(1), of('a', undefined))).rejects.toThrow('must be JSON, received undefined');
    });

    test('keeps the greatest of each fact', async () => {
      await counts.raise('wod', { servedByWeight: 1_772_334_000_000, drillMs: 0 });
      await counts.raise('plan', { servedByWeight: 5 });
      await counts.raise('wod', { servedByWeight: 999_999_999_999, servedByFallback: 7 });
      await counts.raise('wod', {});
      expect(await counts.facts('wod')).toEqual({ servedByWeight: 1_772_334_000_000, drillMs: 0, servedByFallback: 7 });
      await counts.raise('wod', { servedByWeight: Number.MAX_SAFE_INTEGER });
      expect(await counts.facts('wod')).toMatchObject({ servedByWeight: Number.MAX_SAFE_INTEGER });
      expect(await counts.facts('plan')).toEqual({ servedByWeight: 5 });
    });

    test('of 50 facts raised at once none is lost', async () => {
      const times = Array.from({ length: 50 }, (_, index) => (index * 37) % 50);
      await Promise.all(times.map((at) => counts.raise('wod', { servedByWeight: at, [`of${at}`]: at })));
      const facts = await counts.facts('wod');
      expect([facts['servedByWeight'], Object.keys(facts).length]).toEqual([49, 51]);
    });

    test('rounds what is no whole number', async () => {
      await counts.raise('wod', { drillMs: 812.4 });
      await counts.raise('wod', { drillMs: 812.3 });
      expect(await counts.facts('wod')).toEqual({ drillMs: 812 });
    });

    test.each([-1, -0.1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('refuses the fact %p', async (value) => {
      await expect(counts.raise('wod', { drilledAt: 1, drillMs: value })).rejects.toThrow(
        new RangeError(`Fact drillMs of wod must be a number from 0 to 2^53 - 1, received ${value}`),
      );
      expect(await counts.facts('wod')).toEqual({});
    });

    test('is out of reach once closed', async () => {
      await close();
      await expect(counts.put(wod(1), of('a', 1))).rejects.toThrow('the store is closed');
      await expect(counts.all(wod(1))).rejects.toThrow('the store is closed');
      await expect(counts.raise('wod', { drilledAt: 1 })).rejects.toThrow('the store is closed');
      await expect(counts.facts('wod')).rejects.toThrow('the store is closed');
    });
  });
}
