import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import type { Logger } from '@fit/service-kit/logger';
import type { CountsKey, FleetCounts } from '../control-plane/fleet-counts.ts';
import type { RouteKeeper } from '../control-plane/kept-routes.ts';
import type { RouteStore } from '../control-plane/route-store.ts';
import { isGuarding, isUnderWay } from '../domain/ramp.ts';
import type { Ramp } from '../domain/ramp.ts';
import { initialState, nextState, wasChanged } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { NOBODY, revision } from '../domain/weight.ts';
import { COUNTS_NAME, CountsFile } from './counts-file.ts';
import { LOG_NAME, openFileStore } from './file-store.ts';
import { KeptRoutesFile } from './kept-routes-file.ts';
import { MemoryKeeper } from './memory-keeper.ts';
import { setAside } from './set-aside.ts';

export type StoreSettings = {
  /** The edge's own folder. */
  DATA_DIR: string;
  /** Without it the store is a file in that folder. */
  REDIS_URL?: string | undefined;
  REDIS_PREFIX: string;
};

export type OpenStore = {
  store: RouteStore;
  /** What the edges of the store counted; closed with it. */
  counts: FleetCounts;
  keeper: RouteKeeper;
  close: () => Promise<void>;
};

/**
 * The store that the environment asks for, with this edge's own memory beside it. An edge that changes from a store of its
 * own to a shared one, or back, keeps its weights and ramps; where the shared one has others, those count.
 *
 * @throws FolderInUseError if another process has the folder, StoreDamagedError if the file store cannot be read
 */
export async function openStore(settings: StoreSettings, logger: Logger): Promise<OpenStore> {
  const { DATA_DIR: folder, REDIS_URL: url, REDIS_PREFIX: prefix } = settings;
  const kept = new KeptRoutesFile({ folder, logger });
  if (url === undefined) return await openOwnStore(kept, settings, logger);
  if (existsSync(join(folder, LOG_NAME))) await takeOverLog(folder, kept, logger);
  // Loading its client takes a good part of a start, and most edges need none.
  const { openRedisStore } = await import('./redis/redis-store.ts');
  const lock = lockFolder(folder);
  const store = await openRedisStore({ url, prefix, logger });
  const close = async () => {
    await store.close();
    lock.release();
  };
  return { store, counts: store.counts, keeper: kept, close };
}

async function openOwnStore(kept: KeptRoutesFile, settings: StoreSettings, logger: Logger): Promise<OpenStore> {
  const { DATA_DIR: folder } = settings;
  const { store } = await openFileStore({ folder, logger });
  if (existsSync(kept.path)) await takeOverKept(kept, store, logger);
  const { states } = await store.load();
  const file = await CountsFile.open({ folder, logger, isStale: (key) => isAhead(key, states) });
  const close = async () => {
    await file.close();
    await store.close();
  };
  // Its log is all the memory that it needs.
  return { store, counts: file.counts, keeper: new MemoryKeeper(), close };
}

/** Whether counts are of a log that was longer: until it is as long again, new ones would be ignored. */
function isAhead({ topic, epoch }: CountsKey, states: ReadonlyMap<string, RouteState>): boolean {
  const colon = topic.indexOf(':');
  return colon !== -1 && epoch > (states.get(topic.slice(colon + 1))?.revision ?? 0);
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
  // The revisions of another store are others: they would not go with these counts.
  const counts = join(folder, COUNTS_NAME);
  if (existsSync(counts)) await retire(counts, logger);
}

/** What this edge knew of a store that it shared goes to the one of its own; rollbacks that are held wait for the shared one. */
async function takeOverKept(kept: KeptRoutesFile, store: RouteStore, logger: Logger): Promise<void> {
  const { storeId, states: known, pending } = await kept.load();
  const { states: own } = await store.load();
  for (const state of [...known.values()].filter(wasChanged)) {
    const before = own.get(state.route) ?? initialState(state.route, NOBODY, new Date());
    if (wasChanged(before) && isDeepStrictEqual(takenFrom(before), takenFrom(state))) continue;
    const result = await store.append(takenOver(before, state), before.revision);
    if (result.kind === 'unavailable') throw result.cause;
  }
  if (pending.length > 0) await kept.save({ storeId, states: new Map(), pending });
  else if (existsSync(kept.path)) await retire(kept.path, logger);
}

/** A change to what another store said, at the time at which it said so. */
function takenOver(before: RouteState, known: RouteState): RouteState {
  const { ramp, ...taken } = takenFrom(known);
  const id = revision(before.revision + 1);
  const update = { ...taken, ramp: ramp && { ...ramp, id }, beginsEpoch: true };
  return nextState(before, update, known, new Date(known.changedAt));
}

/** What another store goes on with: revisions mean nothing there. */
function takenFrom({ weight, mirrorShare, retired, ramp }: RouteState) {
  const goesOn = ramp !== undefined && (isUnderWay(ramp) || isGuarding(ramp));
  return { weight, mirrorShare, retired, ramp: goesOn ? withoutId(ramp) : undefined };
}

function withoutId({ plan, step, phase }: Ramp): Omit<Ramp, 'id'> {
  return { plan, step, phase };
}

async function retire(file: string, logger: Logger): Promise<void> {
  const aside = await setAside(file, 'taken-over');
  logger.info({ file, aside }, 'the weights of another store were taken over');
}
