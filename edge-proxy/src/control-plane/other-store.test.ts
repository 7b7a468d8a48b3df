import { describe, expect, test } from '@jest/globals';
import { EVERYBODY, NOBODY, revision } from '../domain/weight.ts';
import { BEGINNING, Disk, replicasOfEachTest } from './test/replica.ts';

const start = replicasOfEachTest();

describe('another store than before', () => {
  /** What an edge knows of a store of its own: far more changes, and everybody on the new side. */
  const disk = () => {
    const known = new Disk();
    const own = { ...BEGINNING, revision: revision(7), weight: EVERYBODY, reason: 'known from elsewhere' };
    known.kept = {
      ...known.kept,
      states: new Map([own, { ...own, route: 'history' }].map((state) => [state.route, state])),
    };
    return known;
  };

  test('counts with all that it has, and gets the rest', async () => {
    const first = await start();
    await first.change(30);
    await first.rollback();
    const joining = await start({ id: 'edge-2', store: first.store.another(), disk: disk() });
    expect(joining.restored).toMatchObject({ stored: ['wod'], kept: ['history'] });
    for (const edge of [first, joining]) {
      await edge.plane.round();
      expect(edge.serves()).toEqual({ percent: 0, revision: 2 });
      expect(edge.control.stateOf('history')).toMatchObject({ revision: 7, reason: 'known from elsewhere' });
    }
    expect(first.told.map(([event]) => event)).not.toContain('damaged');
    expect(joining.told).toContainEqual(['otherStore', { before: undefined, now: expect.any(String) }]);
  });

  test('is none that came back empty and was first seen by an edge that knows nothing', async () => {
    const first = await start();
    const second = await start({ id: 'edge-2', store: first.store.another() });
    await first.change(60);
    for (const edge of [first, second]) await edge.plane.round();
    second.store.break(new Error('ECONNREFUSED'));
    await first.rollback();
    first.store.break(new Error('ECONNREFUSED'));
    first.store.empty();
    const fresh = await start({ id: 'edge-3', store: first.store.another() });
    for (const edge of [second, first, fresh]) {
      edge.store.mend();
      await edge.plane.round();
    }
    for (const edge of [first, second, fresh]) {
      await edge.plane.round();
      expect(edge.serves()).toEqual({ percent: 0, revision: 2 });
    }
  });

  test('counts as soon as it can be reached, and is not another one after a restart', async () => {
    const first = await start();
    await first.change(30);
    const store = first.store.another();
    store.break(new Error('ECONNREFUSED'));
    const joining = await start({ id: 'edge-2', store, disk: disk() });
    expect(joining.serves()).toEqual({ percent: 100, revision: 7 });
    store.mend();
    await joining.plane.round();
    expect(joining.serves()).toEqual({ percent: 30, revision: 1 });
    await joining.plane.close();
    await first.rollback();
    const again = await start({ id: 'edge-2', store, disk: joining.disk });
    expect(again.serves()).toEqual({ percent: 0, revision: 2 });
    expect(again.told.map(([event]) => event)).not.toContain('otherStore');
  });

  test('gets a rollback that was held for the one before, after all that it has', async () => {
    const known = disk();
    const [held] = [...known.kept.states.values()].map((state) => ({ ...state, weight: NOBODY, reason: 'held' }));
    known.kept = { ...known.kept, states: new Map([['wod', held!]]), pending: [held!] };
    const first = await start();
    await first.change(30);
    const joining = await start({ id: 'edge-2', store: first.store.another(), disk: known });
    await first.plane.round();
    for (const edge of [first, joining]) expect(edge.serves()).toEqual({ percent: 0, revision: 7 });
    expect(await first.change(20)).toMatchObject({ kind: 'changed', after: { revision: 8 } });
    await joining.plane.round();
    expect(joining.serves()).toEqual({ percent: 20, revision: 8 });
  });
});
