import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderInUseError } from '@fit/service-kit/exclusive-lock';
import { createLogger } from '@fit/service-kit/logger';
import { initialState } from '../domain/route-state.ts';
import { EVERYBODY, revision } from '../domain/weight.ts';
import { LOG_NAME } from './file-store.ts';
import { KEPT_ROUTES_NAME } from './kept-routes-file.ts';
import { openStore } from './open-store.ts';
import { stateAt } from './test/sample-state.ts';

const logger = createLogger('edge-proxy', 'silent');
/** Nothing listens on the port of discard. */
const AWAY = { REDIS_URL: 'redis://127.0.0.1:9', REDIS_PREFIX: 'test' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-store-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const open = async (redis: { REDIS_URL?: string } = {}) =>
  await openStore({ DATA_DIR: folder, REDIS_PREFIX: 'test', ...redis }, logger);

test('without a Redis the store is a file in the folder', async () => {
  const { store, close } = await open();
  expect(store.kind).toBe('file');
  await close();
});

test('a Redis that is away does not keep the edge from starting, and what it knew is there', async () => {
  const first = await open(AWAY);
  expect(first.store.kind).toBe('redis');
  await expect(first.store.load()).rejects.toThrow();
  await first.keeper.save({ storeId: undefined, states: new Map([['wod', stateAt({ revision: 7 })]]), pending: [] });
  await first.close();
  const again = await open(AWAY);
  expect((await again.keeper.load()).states.get('wod')).toEqual(stateAt({ revision: 7 }));
  await again.close();
});

describe('an edge with a store of its own that begins to share one', () => {
  const share = async () => {
    const own = await open();
    await own.store.append(stateAt({ revision: 1 }), revision(0));
    await own.store.append(stateAt({ revision: 2, weight: 5000 }), revision(1));
    await own.close();
    return await open(AWAY);
  };

  test('brings its weights along, once', async () => {
    const shared = await share();
    expect(await shared.keeper.load()).toMatchObject({
      storeId: undefined,
      states: new Map([['wod', stateAt({ revision: 2, weight: 5000 })]]),
    });
    await shared.close();
    expect((await readdir(folder)).toSorted()).toEqual(expect.arrayContaining([`${LOG_NAME}.taken-over`]));
    await rm(join(folder, KEPT_ROUTES_NAME));
    const later = await open(AWAY);
    expect((await later.keeper.load()).states.size).toBe(0);
    await later.close();
  });

  test('and goes back keeps what it knew last', async () => {
    const shared = await share();
    const last = stateAt({ revision: 9, weight: 700, reason: 'while it was shared' });
    const unchanged = initialState('plan', EVERYBODY, new Date());
    const states = new Map([last, unchanged].map((state) => [state.route, state]));
    await shared.keeper.save({ storeId: 'a store', states, pending: [] });
    await shared.close();
    for (const start of ['first', 'second']) {
      const { store, close } = await open();
      const { states: own } = await store.load();
      expect([start, [...own.values()]]).toEqual([start, [{ ...last, revision: 1, weightBefore: 0 }]]);
      await close();
    }
  });

  test.each([false, true])(
    'a held rollback comes along over a detour without Redis (undone there: %p)',
    async (isUndone) => {
      const shared = await open(AWAY);
      const held = stateAt({ revision: 9, weight: 0, reason: 'everybody back' });
      await shared.keeper.save({ storeId: 'a store', states: new Map([['wod', held]]), pending: [held] });
      await shared.close();
      for (const _ of ['start', 'restart']) {
        const alone = await open();
        expect((await alone.store.load()).states.get('wod')).toMatchObject({ weight: 0, reason: held.reason });
        await alone.close();
      }
      const alone = await open();
      if (isUndone) await alone.store.append(stateAt({ revision: 2, weight: 100 }), revision(1));
      await alone.close();
      const again = await open(AWAY);
      expect((await again.keeper.load()).pending).toEqual(isUndone ? [] : [held]);
      await again.close();
    },
  );
});

test.each([{}, AWAY])('a second process on the folder is refused (%j)', async (redis) => {
  const first = await open(redis);
  await expect(open(redis)).rejects.toThrow(FolderInUseError);
  await first.close();
  const next = await open(redis);
  await next.close();
});
