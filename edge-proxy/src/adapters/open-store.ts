import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import type { Logger } from '@fit/service-kit/logger';
import type { RouteKeeper } from '../control-plane/kept-routes.ts';
import type { RouteStore } from '../control-plane/route-store.ts';
import { LOG_NAME, openFileStore } from './file-store.ts';
import { KEPT_ROUTES_NAME, KeptRoutesFile } from './kept-routes-file.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { openRedisStore } from './redis/redis-store.ts';

export type StoreSettings = {
  /** The edge's own folder. */
  DATA_DIR: string;
  /** Without it the store is a file in that folder. */
  REDIS_URL?: string | undefined;
  REDIS_PREFIX: string;
};

export type OpenStore = { store: RouteStore; keeper: RouteKeeper; close: () => Promise<void> };

/**
 * The store that the environment asks for, with this edge's own memory beside it.
 *
 * @throws FolderInUseError if another process has the folder, StoreDamagedError if the file store cannot be read
 */
export async function openStore(settings: StoreSettings, logger: Logger): Promise<OpenStore> {
  const { DATA_DIR: folder, REDIS_URL: url, REDIS_PREFIX: prefix } = settings;
  if (url === undefined) {
    // Its log is all the memory that it needs.
    const { store } = await openFileStore({ folder, logger });
    return { store, keeper: new MemoryKeeper(), close: () => store.close() };
  }
  const keeper = new KeptRoutesFile({ folder, logger });
  if (!existsSync(join(folder, KEPT_ROUTES_NAME)) && existsSync(join(folder, LOG_NAME))) {
    await takeOver(folder, keeper, logger);
  }
  const lock = lockFolder(folder);
  const store = await openRedisStore({ url, prefix, logger });
  const close = async () => {
    await store.close();
    lock.release();
  };
  return { store, keeper, close };
}

/** An edge that had a store of its own brings its weights along: to start sharing one moves nobody. */
async function takeOver(folder: string, keeper: RouteKeeper, logger: Logger): Promise<void> {
  const { store, report } = await openFileStore({ folder, logger });
  const { states } = await store.load();
  await store.close();
  await keeper.save({ states, pending: [] });
  logger.info({ file: report.file, routes: [...states.keys()] }, 'the weights of the store in a file were taken over');
}
