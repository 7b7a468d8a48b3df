import { expect, test } from '@jest/globals';
import { revision } from '../domain/weight.ts';
import { fleetCountsContract } from './fleet-counts.contract.ts';
import { leaderContract, sharedLeaderContract } from './leader.contract.ts';
import { MemoryStore } from './memory-store.ts';
import { repair, routeStoreContract, sharedStoreContract } from './route-store.contract.ts';
import { reportOf } from './test/sample-report.ts';
import { stateAt } from './test/sample-state.ts';

const openTwo = (): [MemoryStore, MemoryStore] => {
  const store = new MemoryStore();
  return [store, store.another()];
};

routeStoreContract('MemoryStore', async () => new MemoryStore());
sharedStoreContract('MemoryStore', async () => openTwo());
leaderContract('MemoryStore', async () => new MemoryStore());
sharedLeaderContract('MemoryStore', async () => openTwo());
fleetCountsContract('MemoryStore', async () => {
  const store = new MemoryStore();
  return { counts: store.counts, close: () => store.close() };
});

test('one that is out of reach hears and does nothing; it says when it is back', async () => {
  const store = new MemoryStore();
  const other = store.another();
  const heard: string[] = [];
  other.watch({ changed: ({ reason }) => heard.push(reason), reachable: () => heard.push('reachable') });

  const cause = new Error('cut off');
  other.break(cause);
  expect(await store.append(stateAt({ revision: 1, reason: 'unheard' }), revision(0))).toEqual({ kind: 'written' });
  expect(await other.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({ kind: 'unavailable', cause });
  await expect(other.load()).rejects.toBe(cause);
  await expect(other.report(reportOf({ incarnation: 'a' }))).rejects.toBe(cause);
  await expect(other.lead('a', 1000)).rejects.toBe(cause);
  await expect(other.counts.facts('wod')).rejects.toBe(cause);

  other.mend();
  await store.append(stateAt({ revision: 2, reason: 'heard' }), revision(1));
  await Promise.resolve();
  expect(heard).toEqual(['reachable', 'heard']);
});

test('what is damaged takes no change, only what is put back', async () => {
  const store = new MemoryStore();
  await store.append(stateAt({ revision: 1 }), revision(0));
  store.damage('wod', 'a test');
  expect(await store.load()).toMatchObject({ states: new Map(), damaged: new Map([['wod', 'a test']]) });
  expect(await store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'conflict', current: undefined });
  expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'conflict', current: undefined });
  expect(await repair(store, stateAt({ revision: 1 }))).toEqual({ kind: 'written' });
  expect(await store.load()).toMatchObject({
    states: new Map([['wod', stateAt({ revision: 1 })]]),
    damaged: new Map(),
  });
});

test('the lease ends by the clock that is handed in; a leader that renews late has another token', async () => {
  let now = 1000;
  const store = new MemoryStore({ now: () => now });
  const other = store.another();
  const [first] = [await store.lead('a', 5000), await other.lead('b', 5000)];
  now += 4999;
  expect(await other.lead('b', 5000)).toBeUndefined();
  now += 1;
  const second = await other.lead('b', 5000);
  now += 5000;
  const third = await other.lead('b', 5000);
  expect([second! > first!, third! > second!]).toEqual([true, true]);
});

test('a leader who cannot reach it keeps the lease until it ends, even if he resigns', async () => {
  let now = 0;
  const store = new MemoryStore({ now: () => now });
  const other = store.another();
  await other.lead('b', 5000);
  other.break(new Error('cut off'));
  await other.resign('b');
  expect(await store.lead('a', 5000)).toBeUndefined();
  now = 5000;
  expect(await store.lead('a', 5000)).toEqual(expect.any(Number));
});

test('what it counted is shared, and lost with everything else; a token is never given twice', async () => {
  const store = new MemoryStore();
  await store.counts.raise('wod', { drilledAt: 1 });
  expect(await store.another().counts.facts('wod')).toEqual({ drilledAt: 1 });
  const token = await store.lead('a', 5000);
  await store.append(stateAt({ revision: 1 }), revision(0), token);
  store.empty();
  expect(await store.counts.facts('wod')).toEqual({});
  expect(await store.append(stateAt({ revision: 1 }), revision(0), token)).toEqual({ kind: 'deposed' });
  expect(await store.lead('a', 5000)).toBeGreaterThan(token!);
});
