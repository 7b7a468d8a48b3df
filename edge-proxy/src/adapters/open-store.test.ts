import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderInUseError } from '@fit/service-kit/exclusive-lock';
import { createLogger } from '@fit/service-kit/logger';
import { initialState } from '../domain/route-state.ts';
import { EVERYBODY, revision } from '../domain/weight.ts';
import { COUNTS_NAME } from './counts-file.ts';
import { LOG_NAME } from './file-store.ts';
import { KEPT_ROUTES_NAME } from './kept-routes-file.ts';
import { openStore } from './open-store.ts';
import { fullState, stateAt } from './test/sample-state.ts';

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

test('what an edge of its own counted is there after a restart', async () => {
  const first = await open();
  await first.store.append(stateAt({ revision: 1 }), revision(0));
  await first.counts.put({ topic: 'evidence:wod', epoch: 1 }, { incarnation: 'a', value: 7 });
  await first.close();
  await expect(first.counts.facts('wod')).rejects.toThrow('the store is closed');
  const again = await open();
  expect(await again.counts.all({ topic: 'evidence:wod', epoch: 1 })).toEqual([{ incarnation: 'a', value: 7 }]);
  await again.close();
});

test('counts of a log that was longer do not stand in the way of new ones', async () => {
  const first = await open();
  await first.store.append(stateAt({ revision: 1 }), revision(0));
  for (const topic of ['evidence:wod', 'evidence:plan']) {
    await first.counts.put({ topic, epoch: 1 }, { incarnation: 'a', value: 1 });
    await first.counts.put({ topic: `${topic}-other`, epoch: 0 }, { incarnation: 'a', value: 1 });
  }
  await first.counts.raise('use:wod', { drilledAt: 1 });
  await first.close();
  await rm(join(folder, LOG_NAME));
  const again = await open();
  for (const topic of ['evidence:wod', 'evidence:plan']) {
    await again.counts.put({ topic, epoch: 0 }, { incarnation: 'b', value: 2 });
    expect(await again.counts.all({ topic, epoch: 0 })).toEqual([{ incarnation: 'b', value: 2 }]);
    expect(await again.counts.all({ topic: `${topic}-other`, epoch: 0 })).toHaveLength(1);
  }
  expect(await again.counts.facts('use:wod')).toEqual({ drilledAt: 1 });
  await again.close();
});

test('a Redis that is away does not keep the edge from starting, and what it knew is there', async () => {
  const first = await open(AWAY);
  expect(first.store.kind).toBe('redis');
  await expect(first.store.load()).rejects.toThrow();
  await expect(first.counts.facts('wod')).rejects.toThrow();
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
    const epoch = { revision: 1, since: last.changedAt };
    for (const start of ['first', 'second']) {
      const { store, close } = await open();
      const { states: own } = await store.load();
      expect([start, [...own.values()]]).toEqual([start, [{ ...last, revision: 1, weightBefore: 0, epoch }]]);
      await close();
    }
  });

  test('and goes back with a ramp under way goes on with it, mirror and all', async () => {
    const shared = await share();
    const last = { ...fullState(9), route: 'wod' };
    const ended = { ...fullState(9, 'rolled-back'), route: 'plan' };
    const states = new Map([last, ended].map((state) => [state.route, state]));
    await shared.keeper.save({ storeId: 'a store', states, pending: [] });
    await shared.close();
    const first = { revision: 1, epoch: { revision: 1, since: last.changedAt }, mirrorEpoch: 1, verdicts: [] };
    const taken = { weight: 2500, mirrorShare: 1050, retired: true, changedBy: last.changedBy, reason: last.reason };
    for (const _ of ['start', 'restart']) {
      const { store, close } = await open();
      const own = (await store.load()).states;
      expect(own.get('wod')).toMatchObject({ ...first, ...taken, ramp: { ...last.ramp, id: 1 } });
      expect(own.get('plan')).toMatchObject({ ...first, ...taken, ramp: undefined });
      await close();
    }
  });

  test('leaves behind what it counted: the revisions are others', async () => {
    const own = await open();
    await own.counts.put({ topic: 'evidence:wod', epoch: 7 }, { incarnation: 'a', value: 1 });
    await own.close();
    await (await share()).close();
    expect(await readdir(folder)).toContain(`${COUNTS_NAME}.taken-over`);
    const again = await open();
    await again.counts.put({ topic: 'evidence:wod', epoch: 1 }, { incarnation: 'b', value: 2 });
    expect(await again.counts.all({ topic: 'evidence:wod', epoch: 1 })).toEqual([{ incarnation: 'b', value: 2 }]);
    await again.close();
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
