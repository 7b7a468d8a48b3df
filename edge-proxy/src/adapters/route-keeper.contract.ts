import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KeptRoutes, RouteKeeper } from '../control-plane/kept-routes.ts';
import { initialState } from '../domain/route-state.ts';
import { EVERYBODY } from '../domain/weight.ts';
import { fullState, stateAt } from './test/sample-state.ts';

const NOTHING: KeptRoutes = { storeId: undefined, states: new Map(), pending: [] };

/** What every adapter of the port `RouteKeeper` promises. `open` gives one with nothing in it. */
export function routeKeeperContract(name: string, open: () => Promise<RouteKeeper>): void {
  describe(`${name} as a keeper of routes`, () => {
    let keeper: RouteKeeper;

    beforeEach(async () => {
      keeper = await open();
    });

    test('has nothing at first', async () => {
      expect(await keeper.load()).toEqual(NOTHING);
    });

    test('has what was saved last, whole and in its order', async () => {
      await keeper.save({ ...NOTHING, states: new Map([['wod', stateAt({ revision: 1 })]]) });
      const last: KeptRoutes = {
        storeId: 'a store',
        states: new Map([
          ['wod', stateAt({ revision: 7, reason: '<b>"siebter"</b> \u2028 🚀 \\ "checksum":"00000000"}' })],
          ['__proto__', stateAt({ route: '__proto__', revision: 2 })],
          ['unchanged', initialState('unchanged', EVERYBODY, new Date())],
        ]),
        pending: [stateAt({ revision: 6, reason: 'first' }), fullState(7, 'rolled-back')],
      };
      await keeper.save(last);
      expect(await keeper.load()).toEqual(last);
    });

    test('of several saves at once the last one stays', async () => {
      const saves = Array.from({ length: 20 }, (_, index) => stateAt({ revision: index + 1 }));
      await Promise.all(
        saves.map((state) => keeper.save({ ...NOTHING, states: new Map([['wod', state]]), pending: [state] })),
      );
      expect(await keeper.load()).toEqual({ states: new Map([['wod', saves.at(-1)]]), pending: [saves.at(-1)] });
    });

    test('what was saved does not change with what it was made of', async () => {
      const states = new Map([['wod', stateAt({ revision: 1 })]]);
      await keeper.save({ ...NOTHING, states });
      states.clear();
      expect((await keeper.load()).states.size).toBe(1);
    });
  });
}
