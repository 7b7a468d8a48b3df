import { describe, expect, test } from '@jest/globals';
import { weightFromPercent } from '../domain/weight.ts';
import { ROUTING, replicasOfEachTest } from './test/replica.ts';

const gone = new Error('ECONNREFUSED');
const start = replicasOfEachTest();

describe('another configuration', () => {
  test('keeps the state of routes that stay, begins new ones, and puts those that are gone out of force', async () => {
    const edge = await start();
    await edge.change(10);
    const [wod] = ROUTING.routes;
    const plans = { ...wod!, name: 'plans', path: '/plans', initialWeight: weightFromPercent(3) };
    expect(await edge.plane.configure({ ...ROUTING, routes: [wod!, plans] })).toMatchObject({
      stored: ['wod'],
      initial: ['plans'],
    });
    expect(edge.serves()).toEqual({ percent: 10, revision: 1 });
    expect(edge.control.stateOf('plans')).toMatchObject({ weight: 300, revision: 0 });
    expect(edge.control.stateOf('history')).toBeUndefined();
    expect(edge.control.routing().routes.map(({ name }) => name)).toEqual(['wod', 'plans']);
  });

  test('finds a route that comes back as it was', async () => {
    const edge = await start();
    await edge.change(10);
    await edge.plane.configure({ ...ROUTING, routes: ROUTING.routes.slice(1) });
    expect(edge.restored.unconfigured).toEqual([]);
    await edge.plane.configure(ROUTING);
    expect(edge.serves()).toEqual({ percent: 10, revision: 1 });
  });

  test('leaves a rollback that the store has yet to get in force', async () => {
    const edge = await start();
    await edge.change(10);
    edge.store.break(gone);
    await edge.rollback();
    await edge.plane.configure(ROUTING);
    expect(edge.serves().percent).toBe(0);
    await edge.plane.configure({ ...ROUTING, routes: ROUTING.routes.slice(1) });
    await edge.plane.configure(ROUTING);
    expect(edge.serves().percent).toBe(0);
    edge.store.mend();
    await edge.plane.configure(ROUTING);
    await edge.plane.round();
    expect(edge.serves()).toEqual({ percent: 0, revision: 2 });
    expect(edge.control.isStored('wod')).toBe(true);
  });

  test('without a route does not lose its rollback', async () => {
    const edge = await start();
    await edge.change(10);
    edge.store.break(gone);
    await edge.rollback();
    await edge.plane.configure({ ...ROUTING, routes: ROUTING.routes.slice(1) });
    edge.store.mend();
    await edge.plane.round();
    expect((await edge.store.load()).states.get('wod')).toMatchObject({ weight: 0, revision: 2 });
  });
});
