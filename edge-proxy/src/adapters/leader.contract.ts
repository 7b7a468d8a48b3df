import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { RouteStore } from '../control-plane/route-store.ts';
import { revision } from '../domain/weight.ts';
import { stateAt } from './test/sample-state.ts';

/** What every adapter of the port `RouteStore` promises to who leads. `open` gives a store with nothing in it. */
export function leaderContract(name: string, open: () => Promise<RouteStore>): void {
  describe(`${name} as a store with a leader`, () => {
    let store: RouteStore;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    test('has one token as long as it renews, and writes with it', async () => {
      const token = await store.lead('a', 60_000);
      expect(token).toEqual(expect.any(Number));
      expect(await store.lead('a', 60_000)).toBe(token);
      expect(await store.append(stateAt({ revision: 1 }), revision(0), token)).toEqual({ kind: 'written' });
      expect(await store.lead('a', 60_000)).toBe(token);
    });

    test('is told of a conflict like anybody, and others write without a token', async () => {
      const token = await store.lead('a', 60_000);
      await store.append(stateAt({ revision: 1 }), revision(0));
      const refused = await store.append(stateAt({ revision: 1, reason: 'late' }), revision(0), token);
      expect(refused).toEqual({ kind: 'conflict', current: stateAt({ revision: 1 }) });
      expect(await store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'written' });
    });

    test.each([0, -1, 2 ** 52, 0.5])('is deposed with the token %p, which nobody ever had', async (fence) => {
      await store.lead('a', 60_000);
      expect(await store.append(stateAt({ revision: 1 }), revision(0), fence)).toEqual({ kind: 'deposed' });
      expect((await store.load()).states.size).toBe(0);
    });

    test('may resign, and lead again; resigning twice, or without leading, does nothing', async () => {
      await store.resign('a');
      await store.lead('a', 60_000);
      await store.resign('b');
      await store.resign('a');
      await store.resign('a');
      expect(await store.lead('a', 60_000)).toEqual(expect.any(Number));
    });
  });
}

/** What a store that edges share promises besides. `open` gives two doors to the same place, with nothing in it. */
export function sharedLeaderContract(name: string, open: () => Promise<[RouteStore, RouteStore]>): void {
  describe(`${name} as a store of which two would be the leader`, () => {
    let one: RouteStore;
    let other: RouteStore;

    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await Promise.all([one.close(), other.close()]);
    });

    /** Asks until it leads. @returns its token */
    const untilLeading = async (store: RouteStore, holder: string) => {
      for (;;) {
        const token = await store.lead(holder, 60_000);
        if (token !== undefined) return token;
        await delay(5);
      }
    };
    const write = async (store: RouteStore, step: number, fence: number) =>
      (await store.append(stateAt({ revision: step }), revision(step - 1), fence)).kind;

    test('the first one does, until it does not renew any more; then its writes change nothing', async () => {
      const first = (await one.lead('a', 60_000))!;
      expect(await other.lead('b', 60_000)).toBeUndefined();
      expect(await write(one, 1, first)).toBe('written');
      expect(await one.lead('a', 50)).toBe(first);

      const second = await untilLeading(other, 'b');
      expect(second).toBeGreaterThan(first);
      expect(await one.lead('a', 60_000)).toBeUndefined();
      expect(await write(one, 2, first)).toBe('deposed');
      expect(await write(other, 2, second)).toBe('written');
      expect(await write(one, 3, first)).toBe('deposed');
      expect(await write(one, 9, first)).toBe('deposed');
      expect((await one.history({ limit: 9 })).entries).toEqual([stateAt({ revision: 2 }), stateAt({ revision: 1 })]);
    });

    test('one whose lease has ended writes as long as nobody else has led', async () => {
      const token = (await one.lead('a', 1))!;
      await delay(5);
      expect(await write(one, 1, token)).toBe('written');
      expect(await one.lead('a', 60_000)).toBeGreaterThan(token);
      expect(await write(one, 2, token)).toBe('deposed');
    });

    test('one resigns and the other leads at once', async () => {
      const first = (await one.lead('a', 60_000))!;
      await other.resign('b');
      expect(await other.lead('b', 60_000)).toBeUndefined();
      await one.resign('a');
      const second = await other.lead('b', 60_000);
      expect(second).toBeGreaterThan(first);
      await one.resign('a');
      expect(await one.lead('a', 60_000)).toBeUndefined();
    });

    test('one leads, however many ask at once', async () => {
      const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).lead(`${index}`, 60_000));
      expect((await Promise.all(asked)).filter((token) => token !== undefined)).toHaveLength(1);
    });
  });
}
