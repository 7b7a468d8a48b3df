import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RouteStore } from '../control-plane/route-store.ts';
import type { RouteState } from '../domain/route-state.ts';
import { revision } from '../domain/weight.ts';
import { reportOf } from './test/sample-report.ts';
import { fullState, stateAt } from './test/sample-state.ts';

const NOTHING = { states: new Map(), damaged: new Map() };

/** Puts a state back as who knows this store does. */
export async function repair(store: RouteStore, state: RouteState) {
  return await store.repair(state, (await store.load()).id);
}

/** What every adapter of the port `RouteStore` promises. `open` gives a store with nothing in it. */
export function routeStoreContract(name: string, open: () => Promise<RouteStore>): void {
  describe(`${name} as a route store`, () => {
    let store: RouteStore;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    const stored = async (route = 'wod') => (await store.load()).states.get(route);
    /** Changes routes one step each, in this order. */
    const change = async (...routes: string[]) => {
      for (const route of routes) {
        const current = revision((await stored(route))?.revision ?? 0);
        expect(await store.append(stateAt({ route, revision: current + 1 }), current)).toEqual({ kind: 'written' });
      }
    };

    test('has nothing at first', async () => {
      expect(await store.load()).toMatchObject(NOTHING);
      expect(await store.history({ limit: 10 })).toEqual({ entries: [], next: undefined });
      expect(await store.replicas()).toEqual([]);
    });

    test('keeps all that a state says', async () => {
      const states = [stateAt({ revision: 1 }), fullState(2)];
      for (const state of states)
        expect(await store.append(state, revision(state.revision - 1))).toEqual({ kind: 'written' });
      expect(await stored()).toEqual(fullState(2));
      expect((await store.history({ limit: 9 })).entries).toEqual(states.toReversed());
    });

    test('keeps the last state of every route, whole', async () => {
      const last = stateAt({
        revision: 2,
        weight: 2500,
        reason: '<b>"zweiter" Schritt</b> \u2028 \ud83d\ude80 \\ "checksum":"00000000"}',
      });
      expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
      expect(await store.append(last, revision(1))).toEqual({ kind: 'written' });
      const other = stateAt({ route: '__proto__', revision: 1 });
      expect(await store.append(other, revision(0))).toEqual({ kind: 'written' });
      expect(await store.load()).toMatchObject({
        states: new Map([
          ['wod', last],
          ['__proto__', other],
        ]),
        damaged: new Map(),
      });
    });

    test.each([
      ['stale', 1],
      ['from the future', 7],
    ])('refuses a revision that is %s and says what it has', async (_, expected) => {
      await store.append(stateAt({ revision: 1 }), revision(0));
      await store.append(stateAt({ revision: 2 }), revision(1));
      const refused = await store.append(stateAt({ revision: expected + 1, reason: 'too late' }), revision(expected));
      expect(refused).toEqual({ kind: 'conflict', current: stateAt({ revision: 2 }) });
      expect(await stored()).toEqual(stateAt({ revision: 2 }));
    });

    test('refuses to change a route that it does not have', async () => {
      const refused = await store.append(stateAt({ revision: 4 }), revision(3));
      expect(refused).toEqual({ kind: 'conflict', current: undefined });
      expect(await store.load()).toMatchObject(NOTHING);
    });

    test('of 50 changes at once to the same revision one wins', async () => {
      const changes = Array.from({ length: 50 }, (_, index) => stateAt({ revision: 1, reason: `change ${index}` }));
      const results = await Promise.all(changes.map((change) => store.append(change, revision(0))));
      const winners = changes.filter((_, index) => results[index]!.kind === 'written');
      expect(winners).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(49);
      expect(await stored()).toEqual(winners[0]);
    });

    test('rejects a state that is not the revision after the expected one', async () => {
      await expect(store.append(stateAt({ revision: 3 }), revision(1))).rejects.toThrow(
        new RangeError('The revision after 1 is 2, received 3'),
      );
    });

    test('what was loaded does not change with the store', async () => {
      const before = await store.load();
      await store.append(stateAt({ revision: 1 }), revision(0));
      expect(before.states.size).toBe(0);
    });

    describe('what it has lost', () => {
      test('is put back, and is in force like any other state', async () => {
        expect(await repair(store, stateAt({ revision: 1 }))).toEqual({ kind: 'written' });
        expect(await stored()).toEqual(stateAt({ revision: 1 }));
        expect(await repair(store, stateAt({ revision: 2 }))).toEqual({ kind: 'written' });
        expect(await store.append(stateAt({ revision: 3 }), revision(2))).toEqual({ kind: 'written' });
        expect((await store.history({ limit: 9 })).entries.map((state) => state.revision)).toEqual([3, 2, 1]);
      });

      test.each([
        ['as new', 2],
        ['newer', 1],
      ])('is not put back over something %s', async (_, known) => {
        await change('wod', 'wod');
        const current = stateAt({ revision: 2 });
        expect(await repair(store, stateAt({ revision: known, reason: 'other' }))).toEqual({
          kind: 'conflict',
          current,
        });
        expect(await stored()).toEqual(current);
        expect((await store.history({ limit: 9 })).entries).toHaveLength(2);
      });
    });

    describe('the history', () => {
      const entry = (route: string, step: number): RouteState => stateAt({ route, revision: step });
      /** All pages of a size, each as what it holds. */
      const pages = async (limit: number, route?: string) => {
        const all: (readonly RouteState[])[] = [];
        for (let before: string | undefined; ;) {
          const { entries, next } = await store.history({ route, limit, before });
          all.push(entries);
          if (next === undefined) return all;
          before = next;
        }
      };

      beforeEach(async () => await change('wod', 'wod', 'plan', 'wod', 'plan', 'wod'));

      const newestFirst = [
        entry('wod', 4),
        entry('plan', 2),
        entry('wod', 3),
        entry('plan', 1),
        entry('wod', 2),
        entry('wod', 1),
      ];

      test.each([1, 2, 3, 4, 5, 6, 500])('is told newest first, %i entries a page', async (limit) => {
        const all = await pages(limit);
        expect(all.flat()).toEqual(newestFirst);
        expect(all.map(({ length }) => length)).toEqual(
          Array.from({ length: Math.ceil(6 / limit) }, (_, page) => Math.min(limit, 6 - page * limit)),
        );
      });

      test.each([1, 2, 10])('of one route is told alone, %i entries a page', async (limit) => {
        expect((await pages(limit, 'plan')).flat()).toEqual([entry('plan', 2), entry('plan', 1)]);
        expect((await pages(limit, 'wod')).flat()).toEqual(newestFirst.filter(({ route }) => route === 'wod'));
        expect(await pages(limit, 'unknown')).toEqual([[]]);
      });

      test('goes on where it was although there were changes meanwhile', async () => {
        const { next } = await store.history({ limit: 2 });
        await change('wod', 'plan');
        expect((await store.history({ limit: 500, before: next })).entries).toEqual(newestFirst.slice(2));
      });

      test.each(['', '0', '-1', '1.5', 'x', '__proto__', '(0', '99999999999999999999'])(
        'finds nothing at %j, where no page ended',
        async (before) => {
          expect(await store.history({ limit: 5, before })).toEqual({ entries: [], next: undefined });
        },
      );
    });

    describe('replicas', () => {
      test('are listed as they reported last', async () => {
        await store.report(reportOf({ incarnation: 'a', serves: 1 }));
        await store.report(reportOf({ incarnation: 'b', id: 'edge-2' }));
        await store.report(reportOf({ incarnation: 'a', serves: 2 }));
        const seen = await store.replicas();
        expect(seen.toSorted((one, other) => one.incarnation.localeCompare(other.incarnation))).toEqual([
          { ...reportOf({ incarnation: 'a', serves: 2 }), seenMsAgo: expect.any(Number) },
          { ...reportOf({ incarnation: 'b', id: 'edge-2' }), seenMsAgo: expect.any(Number) },
        ]);
        for (const { seenMsAgo } of seen) {
          expect(seenMsAgo).toBeGreaterThanOrEqual(0);
          expect(seenMsAgo).toBeLessThan(5000);
        }
      });

      test('of one name that both live are both listed', async () => {
        await store.report(reportOf({ incarnation: 'a' }));
        await store.report(reportOf({ incarnation: 'b' }));
        expect((await store.replicas()).map(({ incarnation }) => incarnation).toSorted()).toEqual(['a', 'b']);
      });
    });

    test('is unavailable once closed, and may be closed twice', async () => {
      const underWay = store.append(stateAt({ revision: 1 }), revision(0));
      await store.close();
      await store.close();
      expect(await underWay).toEqual({ kind: 'written' });
      expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({ kind: 'unavailable' });
      expect(await store.repair(stateAt({ revision: 2 }))).toMatchObject({ kind: 'unavailable' });
      await expect(store.load()).rejects.toThrow('the store is closed');
      await expect(store.history({ limit: 1 })).rejects.toThrow('the store is closed');
      await expect(store.report(reportOf({ incarnation: 'a' }))).rejects.toThrow('the store is closed');
      await expect(store.replicas()).rejects.toThrow('the store is closed');
      await expect(store.lead('a', 1000)).rejects.toThrow('the store is closed');
      await store.resign('a');
    });
  });
}

/** What a store promises besides that several edges share. `open` gives two doors to the same place, with nothing in it. */
export function sharedStoreContract(name: string, open: () => Promise<[RouteStore, RouteStore]>): void {
  describe(`${name} as a store that edges share`, () => {
    let one: RouteStore;
    let other: RouteStore;

    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await Promise.all([one.close(), other.close()]);
    });

    /** A store may tell its own changes too. */
    const heardBy = (store: RouteStore, wanted: number) => {
      const heard = Promise.withResolvers<RouteState>();
      const changed = (state: RouteState) => {
        if (state.revision === wanted) heard.resolve(state);
      };
      store.watch({ changed, reachable: () => undefined });
      return heard.promise;
    };

    test('each hears what the other writes, and what it puts back', async () => {
      const news = heardBy(other, 1);
      await one.append(stateAt({ revision: 1 }), revision(0));
      expect(await news).toEqual(stateAt({ revision: 1 }));

      const repaired = heardBy(one, 7);
      await repair(other, stateAt({ revision: 7 }));
      expect(await repaired).toEqual(stateAt({ revision: 7 }));
    });

    test('of 50 changes at once through both to the same revision one wins', async () => {
      const changes = Array.from({ length: 50 }, (_, index) => stateAt({ revision: 1, reason: `change ${index}` }));
      const results = await Promise.all(
        changes.map((change, index) => (index % 2 === 0 ? one : other).append(change, revision(0))),
      );
      const winner = changes[results.findIndex(({ kind }) => kind === 'written')]!;
      expect(results.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(49);
      expect((await other.load()).states.get('wod')).toEqual(winner);
      expect((await one.history({ limit: 100 })).entries).toEqual([winner]);
    });

    test('an older state is put right', async () => {
      await one.append(stateAt({ revision: 1 }), revision(0));
      expect(await repair(other, stateAt({ revision: 9, reason: 'known here' }))).toEqual({ kind: 'written' });
      expect((await one.load()).states.get('wod')).toEqual(stateAt({ revision: 9, reason: 'known here' }));
      expect((await one.history({ limit: 1 })).entries).toEqual([stateAt({ revision: 9, reason: 'known here' })]);
    });

    describe('its id', () => {
      const [KNOWN, ANOTHER] = ['0f6ff7a0-3f1c-4f0e-9f5a-2c0d7f0f4a11', '7d1f1a0e-57a1-4b8e-8a55-0a3c5f9a2b22'];
      const idOf = async (store: RouteStore, knownId?: string) => (await store.load(knownId)).id;

      test('is given by the first write, and stays', async () => {
        expect([await idOf(one), await idOf(other)]).toEqual([undefined, undefined]);
        await one.append(stateAt({ revision: 1 }), revision(0));
        const id = await idOf(other);
        expect(id).toEqual(expect.any(String));
        await other.append(stateAt({ revision: 2 }), revision(1));
        expect([await idOf(one), await idOf(other, ANOTHER)]).toEqual([id, id]);
      });

      test('is given back by whoever knows it', async () => {
        expect(await idOf(one, KNOWN)).toBe(KNOWN);
        expect(await idOf(other)).toBe(KNOWN);
      });

      test('lets nobody put back what he knows of another store', async () => {
        await one.append(stateAt({ revision: 1 }), revision(0));
        expect(await other.repair(stateAt({ revision: 9 }), KNOWN)).toEqual({
          kind: 'conflict',
          current: stateAt({ revision: 1 }),
        });
        expect((await one.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
      });
    });

    test('each sees the other until it leaves', async () => {
      await one.report(reportOf({ incarnation: 'a' }));
      await other.report(reportOf({ incarnation: 'b', id: 'edge-2' }));
      expect((await one.replicas()).map(({ id }) => id).toSorted()).toEqual(['edge-1', 'edge-2']);
      await other.close();
      expect((await one.replicas()).map(({ id }) => id)).toEqual(['edge-1']);
    });
  });
}
