import type { open } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import type { Logger } from '@fit/service-kit/logger';
import { StartError } from '@fit/service-kit/start-error';
import { oneAtATime } from '../control-plane/one-at-a-time.ts';
import { assertFollows } from '../control-plane/route-store.ts';
import type {
  AppendResult,
  HistoryPage,
  HistoryQuery,
  ReplicaReport,
  RouteStore,
  SeenReplica,
  StoreContent,
} from '../control-plane/route-store.ts';
import type { RouteState } from '../domain/route-state.ts';
import { revision } from '../domain/weight.ts';
import type { Revision } from '../domain/weight.ts';
import { LogFile } from './log-file.ts';
import { readHistory } from './log-history.ts';
import { ReplicaList } from './replica-list.ts';
import { LogDamageError, encodeLine, parseLog } from './route-log.ts';
import type { LogContent } from './route-log.ts';

/** The revision of a route that the log does not have. */
const NOTHING = revision(0);

/** Of every leader: the folder has one owner, so that none is ever deposed. */
const FENCE = 1;

export const LOG_NAME = 'routes.log';

export type FileStoreOptions = {
  /** The edge's own; made if absent. */
  folder: string;
  logger: Logger;
  /** Node's own `open`, unless a test puts faults in its way. */
  openFile?: typeof open;
};

/** What was found at start. */
export type OpeningReport = {
  file: string;
  entries: number;
  /** The bytes of a torn write that were cut off the end; it was never acknowledged. */
  cutOffBytes: number;
};

/** The log cannot be trusted; the process must not start on it. */
export class StoreDamagedError extends StartError {
  readonly file: string;
  readonly line: number;

  constructor(file: string, cause: LogDamageError) {
    super(
      'store-damaged',
      `${file}, ${cause.message}. Nothing was changed. ` +
        'The states of routes after that line are not certain: docs/runbook/store-damaged.md says how to repair it',
      { cause },
    );
    this.name = 'StoreDamagedError';
    this.file = file;
    this.line = cause.line;
  }
}

/**
 * Opens the store of a single edge: an append-only log, `routes.log`, in a folder that one process owns at a time.
 *
 * @throws FolderInUseError if another process has the folder, StoreDamagedError if an acknowledged entry cannot be read
 */
export async function openFileStore(options: FileStoreOptions): Promise<{ store: RouteStore; report: OpeningReport }> {
  const { folder, logger } = options;
  const lock = lockFolder(folder);
  let log: LogFile | undefined;
  try {
    log = await LogFile.open(join(folder, LOG_NAME), options.openFile);
    const { content, report } = await recover(log);
    if (report.cutOffBytes > 0) logger.warn(report, 'cut a torn write off the end of the state file');
    return { store: new FileStore(log, content.states, lock), report };
  } catch (error) {
    await log?.close();
    lock.release();
    throw error;
  }
}

async function recover(log: LogFile): Promise<{ content: LogContent; report: OpeningReport }> {
  const bytes = await log.read();
  const content = parse(bytes, log.path);
  const cutOffBytes = bytes.length - content.wholeBytes;
  if (cutOffBytes > 0) await log.cutOff(content.wholeBytes);
  return { content, report: { file: log.path, entries: content.entries, cutOffBytes } };
}

function parse(bytes: Buffer, file: string): LogContent {
  try {
    return parseLog(bytes);
  } catch (error) {
    throw error instanceof LogDamageError ? new StoreDamagedError(file, error) : error;
  }
}

class FileStore implements RouteStore {
  readonly kind = 'file';
  readonly clockSkewMs = 0;
  readonly #log: LogFile;
  readonly #states: Map<string, RouteState>;
  readonly #lock: { release: () => void };
  readonly #inTurn = oneAtATime();
  readonly #replicas = new ReplicaList();
  #closed = false;

  constructor(log: LogFile, states: Map<string, RouteState>, lock: { release: () => void }) {
    this.#log = log;
    this.#states = states;
    this.#lock = lock;
  }

  /** Nothing is ever damaged: the store does not open then. */
  async load(): Promise<StoreContent> {
    this.#assertOpen();
    return { id: undefined, states: new Map(this.#states), damaged: new Map() };
  }

  async append(next: RouteState, expected: Revision, fence = FENCE): Promise<AppendResult> {
    assertFollows(next, expected);
    if (fence !== FENCE) return { kind: 'deposed' };
    return await this.#inTurn(async () => await this.#write(next, (current) => current === expected));
  }

  async lead(): Promise<number> {
    this.#assertOpen();
    return FENCE;
  }

  async resign(): Promise<void> {}

  /** The log has no gaps, so that what is put back can only be the revision after the last one. */
  async repair(state: RouteState): Promise<AppendResult> {
    return await this.#inTurn(async () => await this.#write(state, (current) => current < state.revision));
  }

  async history(query: HistoryQuery): Promise<HistoryPage> {
    this.#assertOpen();
    return await readHistory(this.#log, query);
  }

  /** Nobody else writes here. */
  watch(): void {}

  async report(report: ReplicaReport): Promise<void> {
    this.#assertOpen();
    this.#replicas.put(report);
  }

  async replicas(): Promise<readonly SeenReplica[]> {
    this.#assertOpen();
    return this.#replicas.list();
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#closed) return;
      this.#closed = true;
      await this.#log.close();
      this.#lock.release();
    });
  }

  async #write(next: RouteState, follows: (current: number) => boolean): Promise<AppendResult> {
    const current = this.#states.get(next.route);
    try {
      this.#assertOpen();
      if (!follows(current?.revision ?? 0)) return { kind: 'conflict', current };
      assertFollows(next, current?.revision ?? NOTHING);
      await this.#log.append(encodeLine(next));
    } catch (cause) {
      return { kind: 'unavailable', cause, maybeWritten: false };
    }
    this.#states.set(next.route, next);
    return { kind: 'written' };
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the store is closed');
  }
}
