import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../adapters/memory-store.ts';
import { EVERYBODY, NOBODY, revision, weightFromPercent } from '../domain/weight.ts';
import { SnapshotHolder } from '../snapshot.ts';
import { createChangeWeight } from './change-weight.ts';
import type { ChangeWeight, WeightChange } from './change-weight.ts';
import { restoreState } from './restore-state.ts';
import type { AppendResult } from './route-store.ts';

const now = () => new Date('2026-03-01T03:00:00Z');
const routes = [
  { name: 'wod', initialWeight: weightFromPercent(5) },
  { name: 'history', initialWeight: NOBODY },
];
const toTen: WeightChange = {
  route: 'wod',
  weight: weightFromPercent(10),
  expected: revision(0),
  changedBy: 'ops@fit.example',
  reason: 'first step',
};
const rollback: WeightChange = { ...toTen, weight: NOBODY, expected: 'any', reason: 'p95 is up' };

/** A control plane with a snapshot of its own; several on one store are replicas. */
async function replicaOn(store: MemoryStore): Promise<{ holder: SnapshotHolder; changeWeight: ChangeWeight }> {
  const holder = new SnapshotHolder();
  await restoreState({ store, holder, routes, now });
  return { holder, changeWeight: createChangeWeight({ store, holder, now }) };
}

let store: MemoryStore;
let holder: SnapshotHolder;
let changeWeight: ChangeWeight;

beforeEach(async () => {
  store = new MemoryStore();
  ({ holder, changeWeight } = await replicaOn(store));
});

describe('a change', () => {
  test('is stored and in force when it is answered, with actor, reason and time', async () => {
    const result = await changeWeight(toTen);
    const after = {
      route: 'wod',
      revision: 1,
      weight: 1000,
      changedBy: 'ops@fit.example',
      changedAt: '2026-03-01T03:00:00.000Z',
      reason: 'first step',
    };
    expect(result).toMatchObject({ kind: 'changed', before: { revision: 0, weight: 500 }, after });
    expect(holder.current.get('wod')).toEqual(after);
    expect((await store.load()).get('wod')).toEqual(after);
  });

  test('is not in force before it is stored', async () => {
    const seen: number[] = [];
    const watched = Object.assign(new MemoryStore(), {
      append: async (): Promise<AppendResult> => {
        seen.push(holder.weightOf('wod'));
        return { kind: 'written' };
      },
    });
    await createChangeWeight({ store: watched, holder, now })(toTen);
    expect(seen).toEqual([500]);
    expect(holder.weightOf('wod')).toBe(1000);
  });

  test('leaves other routes, and snapshots that were taken before, as they are', async () => {
    const taken = holder.current;
    await changeWeight(toTen);
    expect(taken.get('wod')?.weight).toBe(500);
    expect(holder.current.get('history')).toBe(taken.get('history'));
  });

  test('of a route that is not configured changes nothing', async () => {
    for (const route of ['nope', '__proto__', 'constructor', '']) {
      expect(await changeWeight({ ...toTen, route })).toEqual({ kind: 'unknown-route' });
    }
    expect(await store.load()).toEqual(new Map());
  });

  test.each([1, 7])(
    'that expects revision %d of a route at 0 is a conflict that says what is there',
    async (expected) => {
      const taken = holder.current;
      const result = await changeWeight({ ...toTen, expected: revision(expected) });
      expect(result).toEqual({ kind: 'conflict', current: taken.get('wod') });
      expect(holder.current).toBe(taken);
      expect(await store.load()).toEqual(new Map());
    },
  );

  test('that cannot be stored changes nothing; the next one is tried anew', async () => {
    const taken = holder.current;
    const full = new Error('ENOSPC: no space left on device');
    store.break(full);
    expect(await changeWeight(toTen)).toEqual({ kind: 'unavailable', cause: full });
    expect(holder.current).toBe(taken);
    store.mend();
    expect(await changeWeight(toTen)).toMatchObject({ kind: 'changed', after: { revision: 1 } });
  });

  test('that fails unexpectedly does not block the ones behind it', async () => {
    const faulty = new MemoryStore();
    const append = faulty.append.bind(faulty);
    let fails = true;
    faulty.append = async (...args) => {
      if (!fails) return await append(...args);
      fails = false;
      throw new Error('a fault in the adapter');
    };
    const change = createChangeWeight({ store: faulty, holder, now });
    const [first, second] = await Promise.allSettled([change(toTen), change(toTen)]);
    expect(first.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { kind: 'changed' } });
  });
});

test('of 50 changes at once with the same revision one wins and 49 are told the winner', async () => {
  const changes = Array.from({ length: 50 }, (_, index) => ({ ...toTen, weight: weightFromPercent(index + 1) }));
  const results = await Promise.all(changes.map(changeWeight));
  const winner = holder.current.get('wod')!;
  expect(winner.revision).toBe(1);
  expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
  expect(results.filter((result) => result.kind === 'conflict' && result.current === winner)).toHaveLength(49);
});

describe('a rollback', () => {
  test('needs no revision', async () => {
    await changeWeight({ ...toTen, weight: EVERYBODY });
    expect(await changeWeight(rollback)).toMatchObject({
      kind: 'changed',
      before: { weight: 10_000 },
      after: { revision: 2 },
    });
    expect(holder.weightOf('wod')).toBe(NOBODY);
  });

  test('that loses against another replica tries again and wins', async () => {
    const other = await replicaOn(store);
    await other.changeWeight({ ...toTen, weight: EVERYBODY });
    await other.changeWeight({ ...toTen, weight: weightFromPercent(50), expected: revision(1) });
    expect(await changeWeight(rollback)).toMatchObject({
      kind: 'changed',
      before: { revision: 2 },
      after: { revision: 3 },
    });
    expect((await store.load()).get('wod')?.weight).toBe(NOBODY);
  });

  test('gives up when others are always first', async () => {
    const append = store.append.bind(store);
    store.append = async (next, expected) => {
      await append({ ...next, changedBy: 'somebody faster' }, expected);
      return await append(next, expected);
    };
    expect(await changeWeight(rollback)).toMatchObject({ kind: 'conflict', current: { changedBy: 'somebody faster' } });
  });
});

test('a change that loses against another replica puts the newer state in force and says so', async () => {
  const other = await replicaOn(store);
  await other.changeWeight({ ...toTen, weight: weightFromPercent(50), changedBy: 'other' });
  const result = await changeWeight(toTen);
  expect(result).toMatchObject({ kind: 'conflict', current: { revision: 1, weight: 5000, changedBy: 'other' } });
  expect(holder.weightOf('wod')).toBe(5000);
});

describe('at start', () => {
  test('stored states count before configured weights, and what is no longer configured is not in force', async () => {
    await changeWeight(toTen);
    const fewer = new SnapshotHolder();
    const report = await restoreState({ store, holder: fewer, routes: routes.slice(1), now });
    expect(report).toEqual({ stored: [], initial: ['history'], unconfigured: ['wod'] });
    expect([...fewer.current.keys()]).toEqual(['history']);

    const again = await replicaOn(store);
    expect(again.holder.current.get('wod')).toEqual(holder.current.get('wod'));
    expect(again.holder.current.get('history')).toMatchObject({ revision: 0, weight: 0 });
  });

  test('a configured weight counts while nobody changed the route', () => {
    expect(holder.current.get('wod')).toMatchObject({ revision: 0, weight: 500, changedBy: 'configuration' });
  });
});
