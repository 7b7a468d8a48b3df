import { expect, test } from '@jest/globals';
import { revision } from '../domain/weight.ts';
import { MemoryStore } from './memory-store.ts';
import { repair, routeStoreContract, sharedStoreContract } from './route-store.contract.ts';
import { reportOf } from './test/sample-report.ts';
import { stateAt } from './test/sample-state.ts';

routeStoreContract('MemoryStore', async () => new MemoryStore());
sharedStoreContract('MemoryStore', async () => {
  const store = new MemoryStore();
  return [store, store.another()];
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
