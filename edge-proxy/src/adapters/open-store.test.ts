import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderInUseError } from '@fit/service-kit/exclusive-lock';
import { createLogger } from '@fit/service-kit/logger';
import { revision } from '../domain/weight.ts';
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
  await first.keeper.save({ states: new Map([['wod', stateAt({ revision: 7 })]]), pending: [] });
  await first.close();
  const again = await open(AWAY);
  expect((await again.keeper.load()).states.get('wod')).toEqual(stateAt({ revision: 7 }));
  await again.close();
});

test('an edge that begins to share a store brings the weights of its own along, once', async () => {
  const own = await open();
  await own.store.append(stateAt({ revision: 1 }), revision(0));
  await own.store.append(stateAt({ revision: 2, weight: 5000 }), revision(1));
  await own.close();
  const shared = await open(AWAY);
  expect((await shared.keeper.load()).states.get('wod')).toEqual(stateAt({ revision: 2, weight: 5000 }));
  await shared.keeper.save({ states: new Map([['wod', stateAt({ revision: 9 })]]), pending: [] });
  await shared.close();
  const later = await open(AWAY);
  expect((await later.keeper.load()).states.get('wod')).toEqual(stateAt({ revision: 9 }));
  await later.close();
});

test.each([{}, AWAY])('a second process on the folder is refused (%j)', async (redis) => {
  const first = await open(redis);
  await expect(open(redis)).rejects.toThrow(FolderInUseError);
  await first.close();
  const next = await open(redis);
  await next.close();
});
