import { beforeEach, describe, expect, test } from '@jest/globals';
import { revision, weightFromPercent } from '../domain/weight.ts';
import { BEGINNING, Disk, replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const gone = new Error('ECONNREFUSED');
const start = replicasOfEachTest();

/** Two edges on one memory, at 10 % and revision 1, which both have looked at since. */
async function two(): Promise<[Replica, Replica]> {
  const first = await start();
  const second = await start({ id: 'edge-2', store: first.store.another() });
  await first.change(10);
  for (const edge of [first, second]) await edge.plane.round();
  return [first, second];
}

describe('what another edge wrote', () => {
  test('is in force as soon as it is told', async () => {
    const [first, second] = await two();
    await first.change(20);
    expect(second.serves()).toEqual({ percent: 20, revision: 2 });
    expect(second.told.at(-1)).toEqual(['learned', 'wod', 20]);
  });

  test('and was not told, or while this one was cut off, is in force after the next look', async () => {
    const [first, second] = await two();
    second.told.length = 0;
    second.store.break(gone);
    await first.change(20);
    await first.change(30);
    await second.plane.round();
    expect(second.serves()).toEqual({ percent: 10, revision: 1 });
    second.store.mend();
    await second.plane.round();
    expect(second.serves()).toEqual({ percent: 30, revision: 3 });
    expect(second.told.map(([event]) => event)).toEqual(['storeLost', 'learned', 'storeBack']);
  });

  test('is on the disk of this one', async () => {
    const [, second] = await two();
    await second.plane.close();
    expect(second.disk.kept.states.get('wod')).toMatchObject({ revision: 1, weight: 1000 });
  });

  test('that is of the same revision and not the same goes before what is known here', async () => {
    const first = await start();
    const restored = { ...BEGINNING, revision: revision(1), weight: weightFromPercent(70) };
    await first.store.append(restored, revision(0));
    const disk = new Disk();
    disk.kept = {
      storeId: undefined,
      states: new Map([['wod', { ...restored, weight: weightFromPercent(20) }]]),
      pending: [],
    };
    const second = await start({ id: 'edge-2', store: first.store.another(), disk });
    expect(second.serves()).toEqual({ percent: 70, revision: 1 });
  });
});

describe('a store that has lost something', () => {
  test.each(['damaged', 'older', 'missing'] as const)('gets back what is %s, and nobody serves less', async (why) => {
    const [first, second] = await two();
    await first.change(20);
    lose(first, why);
    await second.plane.round();
    expect((await first.store.load()).states.get('wod')).toMatchObject({ revision: 2, weight: 2000 });
    expect(second.told).toContainEqual(['damaged', 'wod', why]);
    expect(second.told).toContainEqual(['repaired', 'wod', why]);
    await first.plane.round();
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 20, revision: 2 });
  });

  test('and is unreadable where nobody knows better sends nobody to the new side, and can be changed', async () => {
    const first = await start();
    first.store.damage('wod', 'its checksum does not match');
    const second = await start({ id: 'edge-2', store: first.store.another() });
    expect(second.restored).toMatchObject({ unknown: ['wod'], initial: ['history'] });
    expect(second.serves()).toEqual({ percent: 0, revision: 0 });
    await second.plane.round();
    expect(second.told.filter(([event]) => event === 'damaged')).not.toHaveLength(0);
    expect(await second.change(10)).toMatchObject({ kind: 'changed', after: { revision: 1 } });
    expect((await second.store.load()).damaged.size).toBe(0);
  });
});

function lose({ store }: Replica, why: 'damaged' | 'older' | 'missing'): void {
  if (why === 'damaged') return store.damage('wod', 'its checksum does not match');
  store.forget('wod');
  if (why === 'older') void store.append({ ...BEGINNING, revision: revision(1), reason: 'from a backup' }, revision(0));
}

describe('garbage in the place of a route that nobody changed', () => {
  test('is moved away by an edge that knows so, and all begin as configured', async () => {
    const first = await start();
    first.store.damage('wod', 'its checksum does not match');
    const second = await start({ id: 'edge-2', store: first.store.another() });
    expect(second.serves()).toEqual({ percent: 0, revision: 0 });
    await first.plane.round();
    await second.plane.round();
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 5, revision: 0 });
    expect((await first.store.load()).damaged.size).toBe(0);
    expect(first.told).toContainEqual(['repaired', 'wod', 'damaged']);
  });
});

describe('while the store is out of reach', () => {
  test('weights stay, and changes are refused', async () => {
    const edge = await start();
    await edge.change(10);
    edge.store.break(gone);
    await edge.plane.round();
    expect(await edge.change(20)).toMatchObject({ kind: 'unavailable', cause: gone });
    expect(edge.serves()).toEqual({ percent: 10, revision: 1 });
    expect(edge.control.store()).toMatchObject({ reachable: false });
  });

  test('an edge that starts has its last known state and not the configured one', async () => {
    const edge = await start();
    await edge.change(40);
    edge.store.break(gone);
    await edge.plane.close();
    const again = await start({ store: edge.store, disk: edge.disk });
    expect(again.restored).toMatchObject({ kept: ['wod', 'history'], stored: [], initial: [] });
    expect(again.serves()).toEqual({ percent: 40, revision: 1 });
  });

  test('an edge that knows nothing either begins at 0, and takes the configured weight once the store has none', async () => {
    const edge = await start();
    edge.store.break(gone);
    const fresh = await start({ store: edge.store });
    expect(fresh.restored).toMatchObject({ unknown: ['wod', 'history'] });
    expect(fresh.serves()).toEqual({ percent: 0, revision: 0 });
    edge.store.mend();
    await fresh.plane.round();
    expect(fresh.serves()).toEqual({ percent: 5, revision: 0 });
  });
});

describe('a rollback while the store is out of reach', () => {
  let first: Replica;
  let second: Replica;

  beforeEach(async () => {
    [first, second] = await two();
    second.store.break(gone);
  });

  test('is in force and on disk when it is answered, which says that the store has yet to get it', async () => {
    expect(await second.rollback()).toMatchObject({
      kind: 'changed',
      before: { weight: 1000 },
      after: { weight: 0 },
      isStored: false,
    });
    expect(second.serves().percent).toBe(0);
    expect(second.control.isStored('wod')).toBe(false);
    expect(second.disk.kept.pending).toMatchObject([{ route: 'wod', weight: 0, changedBy: 'ops@fit.example' }]);
    expect(second.told).toContainEqual(['pending', 'wod']);
  });

  test('wins afterwards, over what others did meanwhile too, and is never out of force in between', async () => {
    await second.rollback();
    const served = watchWeights(second);
    await first.change(20);
    await first.change(30);
    second.store.mend();
    await second.plane.round();
    await first.plane.round();
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 0, revision: 4 });
    expect(served).toEqual([0]);
    expect(second.control.isStored('wod')).toBe(true);
    expect(second.told).toContainEqual(['settled', 'wod', 4]);
    const { entries } = await first.control.history({ limit: 10 });
    expect(entries.map(({ weight }) => weight / 100)).toEqual([0, 30, 20, 10]);
  });

  test('wins over a store that comes back with less than all edges know', async () => {
    await first.change(20);
    await first.change(60);
    second.store.mend();
    await second.plane.round();
    for (const edge of [first, second]) edge.store.break(gone);
    await second.rollback();
    first.store.mend();
    second.store.mend();
    lose(first, 'older');
    await second.plane.round();
    await first.plane.round();
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 0, revision: 4 });
  });

  test('holds over a restart, with and without the store', async () => {
    await second.rollback();
    await second.plane.close();
    const again = await start({ id: 'edge-2', store: second.store, disk: second.disk });
    expect(again.serves().percent).toBe(0);
    await again.plane.close();
    second.store.mend();
    const later = await start({ id: 'edge-2', store: second.store, disk: second.disk });
    expect(later.serves()).toEqual({ percent: 0, revision: 2 });
    expect((await first.store.load()).states.get('wod')).toMatchObject({ revision: 2, weight: 0 });
  });

  test('does not let a change pass it by', async () => {
    await second.rollback();
    expect(await second.change(50)).toMatchObject({ kind: 'unavailable' });
    second.store.mend();
    await second.plane.round();
    expect(await second.change(50)).toMatchObject({ kind: 'changed', before: { weight: 0 } });
  });

  test('given on every edge, and twice on one, is an entry each in the audit', async () => {
    first.store.break(gone);
    await first.rollback('one');
    await second.rollback('two');
    await second.rollback('three');
    for (const edge of [first, second]) edge.store.mend();
    for (const edge of [first, second, first]) await edge.plane.round();
    const { entries } = await first.control.history({ limit: 10 });
    expect(entries.map(({ revision, weight }) => [revision, weight])).toEqual([
      [4, 0],
      [3, 0],
      [2, 0],
      [1, 1000],
    ]);
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 0, revision: 4 });
  });

  test('that the store has without having said so is not written again over what came after it', async () => {
    second.store.mend();
    await second.plane.round();
    const append = second.store.append.bind(second.store);
    second.store.append = async (next, expected) => {
      await append(next, expected);
      return { kind: 'unavailable', cause: gone, maybeWritten: true };
    };
    expect(await second.rollback()).toMatchObject({ isStored: false });
    second.store.append = append;
    await first.plane.round();
    expect(first.serves()).toEqual({ percent: 0, revision: 2 });
    await first.change(60);
    await second.plane.round();
    for (const edge of [first, second]) expect(edge.serves()).toEqual({ percent: 60, revision: 3 });
    expect(second.control.isStored('wod')).toBe(true);
    expect(second.told).toContainEqual(['settled', 'wod', 2]);
  });

  test('that the store got just before the edge died is not written again by its next start', async () => {
    await second.rollback();
    const { kept } = second.disk;
    second.store.mend();
    await second.plane.round();
    await second.plane.close();
    await first.change(60);
    second.disk.kept = kept;
    const again = await start({ id: 'edge-2', store: second.store, disk: second.disk });
    for (const edge of [first, again]) expect(edge.serves()).toEqual({ percent: 60, revision: 3 });
  });

  test('is in force although the disk refuses it too, and that is told', async () => {
    second.disk.fault = new Error('ENOSPC');
    expect(await second.rollback()).toMatchObject({ after: { weight: 0 }, isStored: false });
    expect(second.serves().percent).toBe(0);
    expect(second.told).toContainEqual(['notKept', second.disk.fault]);
  });
});

/** Every weight that is in force from now on, in percent, without repetitions. */
function watchWeights(edge: Replica): number[] {
  const seen: number[] = [];
  const swap = edge.holder.swap.bind(edge.holder);
  edge.holder.swap = (next) => {
    const percent = next.get('wod')!.weight / 100;
    if (seen.at(-1) !== percent) seen.push(percent);
    swap(next);
  };
  return seen;
}
