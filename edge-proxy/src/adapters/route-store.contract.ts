import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RouteStore } from '../control-plane/route-store.ts';
import { revision } from '../domain/weight.ts';
import { stateAt } from './test/sample-state.ts';

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

    test('has nothing at first', async () => {
      expect(await store.load()).toEqual(new Map());
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
      expect(await store.load()).toEqual(
        new Map([
          ['wod', last],
          ['__proto__', other],
        ]),
      );
    });

    test.each([
      ['stale', 1],
      ['from the future', 7],
    ])('refuses a revision that is %s and says what it has', async (_, expected) => {
      await store.append(stateAt({ revision: 1 }), revision(0));
      await store.append(stateAt({ revision: 2 }), revision(1));
      const refused = await store.append(stateAt({ revision: expected + 1, reason: 'too late' }), revision(expected));
      expect(refused).toEqual({ kind: 'conflict', current: stateAt({ revision: 2 }) });
      expect((await store.load()).get('wod')).toEqual(stateAt({ revision: 2 }));
    });

    test('refuses to change a route that it does not have', async () => {
      const refused = await store.append(stateAt({ revision: 4 }), revision(3));
      expect(refused).toEqual({ kind: 'conflict', current: undefined });
      expect(await store.load()).toEqual(new Map());
    });

    test('of 50 changes at once to the same revision one wins', async () => {
      const changes = Array.from({ length: 50 }, (_, index) => stateAt({ revision: 1, reason: `change ${index}` }));
      const results = await Promise.all(changes.map((change) => store.append(change, revision(0))));
      const winners = changes.filter((_, index) => results[index]!.kind === 'written');
      expect(winners).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'conflict')).toHaveLength(49);
      expect((await store.load()).get('wod')).toEqual(winners[0]);
    });

    test('rejects a state that is not the revision after the expected one', async () => {
      await expect(store.append(stateAt({ revision: 3 }), revision(1))).rejects.toThrow(
        new RangeError('The revision after 1 is 2, received 3'),
      );
    });

    test('what was loaded does not change with the store', async () => {
      const before = await store.load();
      await store.append(stateAt({ revision: 1 }), revision(0));
      expect(before.size).toBe(0);
    });

    test('is unavailable once closed, and may be closed twice', async () => {
      const underWay = store.append(stateAt({ revision: 1 }), revision(0));
      await store.close();
      await store.close();
      expect(await underWay).toEqual({ kind: 'written' });
      expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({ kind: 'unavailable' });
    });
  });
}
