import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import type { Logger } from '@fit/service-kit/logger';
import type { RouteKeeper } from '../control-plane/kept-routes.ts';
import type { RouteStore } from '../control-plane/route-store.ts';
import { initialState, nextState, wasChanged } from '../domain/route-state.ts';
import { NOBODY } from '../domain/weight.ts';
import { LOG_NAME, openFileStore } from './file-store.ts';
import { KeptRoutesFile } from './kept-routes-file.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { openRedisStore } from './redis/redis-store.ts';
import { setAside } from './set-aside.ts';

export type StoreSettings = {
  /** The edge's own folder. */
  DATA_DIR: string;
  /** Without it the store is a file in that folder. */
  REDIS_URL?: string | undefined;
  REDIS_PREFIX: string;
};

export type OpenStore = { store: RouteStore; keeper: RouteKeeper; close: () => Promise<void> };

/**
 * The store that the environment asks for, with this edge's own memory beside it. An edge that changes from a store of its
 * own to a shared one, or back, keeps its weights; where the shared one has others, those count.
 *
 * @throws FolderInUseError if another process has the folder, StoreDamagedError if the file store cannot be read
 */
export async function openStore(settings: StoreSettings, logger: Logger): Promise<OpenStore> {
  const { DATA_DIR: folder, REDIS_URL: url, REDIS_PREFIX: prefix } = settings;
  const kept = new KeptRoutesFile({ folder, logger });
  if (url === undefined) {
    const { store } = await openFileStore({ folder, logger });
    if (existsSync(kept.path)) await takeOverKept(kept, store, logger);
    // Its log is all the memory that it needs.
    return { store, keeper: new MemoryKeeper(), close: () => store.close() };
  }
  if (existsSync(join(folder, LOG_NAME))) await takeOverLog(folder, kept, logger);
  const lock = lockFolder(folder);
  const store = await openRedisStore({ url, prefix, logger });
  const close = async () => {
    await store.close();
    lock.release();
  };
  return { store, keeper: kept, close };
}

/** What a store of this edge's own said is what it knows now; of rollbacks that are held, those that nobody has undone. */
async function takeOverLog(folder: string, kept: KeptRoutesFile, logger: Logger): Promise<void> {
  const { store, report } = await openFileStore({ folder, logger });
  const { states } = await store.load();
  const { pending } = await kept.load();
  const held = pending.filter(({ route }) => states.get(route)?.weight === NOBODY);
  await kept.save({ storeId: undefined, states, pending: held });
  await store.close();
  await retire(report.file, logger);
}

/** What this edge knew of a store that it shared goes to the one of its own; rollbacks that are held wait for the shared one. */
async function takeOverKept(kept: KeptRoutesFile, store: RouteStore, logger: Logger): Promise<void> {
  const { storeId, states: known, pending } = await kept.load();
  const { states: own } = await store.load();
  for (const state of [...known.values()].filter(wasChanged)) {
    const current = own.get(state.route);
    if (current?.weight === state.weight) continue;
    const before = current ?? initialState(state.route, NOBODY, new Date());
    const result = await store.append(nextState(before, state, new Date(state.changedAt)), before.revision);
    if (result.kind === 'unavailable') throw result.cause;
  }
  if (pending.length > 0) await kept.save({ storeId, states: new Map(), pending });
  else if (existsSync(kept.path)) await retire(kept.path, logger);
}

async function retire(file: string, logger: Logger): Promise<void> {
  const aside = await setAside(file, 'taken-over');
  logger.info({ file, aside }, 'the weights of another store were taken over');
}
