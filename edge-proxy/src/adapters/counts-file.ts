import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Complaint } from '@fit/service-kit/complaint';
import type { Logger } from '@fit/service-kit/logger';
import type { CountsKey, FleetCounts } from '../control-plane/fleet-counts.ts';
import { oneAtATime } from '../control-plane/one-at-a-time.ts';
import { readCounts, writtenCounts } from './counts-lines.ts';
import { CountsTable, tableCounts } from './counts-table.ts';
import { replaceFile } from './replace-file.ts';
import { setAside } from './set-aside.ts';

export const COUNTS_NAME = 'counts.json';

export type CountsFileOptions = {
  /** The edge's own; made if absent. */
  folder: string;
  logger: Logger;
  /** Counts of an epoch that has not come yet, by the log that there is now: they are forgotten. Default: none are. */
  isStale?: (key: CountsKey) => boolean;
  /** Counts are on disk after so long; default 2000. */
  saveAfterMs?: number;
  /** Node's own `open`, unless a test puts faults in its way. */
  openFile?: typeof open;
};

const SAVE_AFTER_MS = 2000;

/**
 * The counts of a single edge, in memory and in `counts.json` of its folder, replaced as a whole. Facts are on disk before
 * they are answered, counts a little later: a crash loses the last of them. What cannot be read is set aside.
 */
export class CountsFile {
  readonly path: string;
  readonly counts: FleetCounts;
  readonly #logger: Logger;
  readonly #saveAfterMs: number;
  readonly #openFile: typeof open;
  readonly #table = new CountsTable();
  readonly #inTurn = oneAtATime();
  readonly #refusals: Complaint;
  #timer: NodeJS.Timeout | undefined;
  #nextSave: Promise<void> | undefined;
  #hasUnsaved = false;
  #areFactsDue = false;
  #isClosed = false;

  private constructor({ folder, logger, saveAfterMs = SAVE_AFTER_MS, openFile = open }: CountsFileOptions) {
    this.path = join(folder, COUNTS_NAME);
    this.#logger = logger;
    this.#saveAfterMs = saveAfterMs;
    this.#openFile = openFile;
    this.#refusals = new Complaint(logger, 'the counts of this edge cannot be saved; it is tried again', 'error');
    this.counts = tableCounts(this.#table, {
      assertReachable: () => this.#assertOpen(),
      counted: () => this.#saveLater(),
      raised: async (isNew) => {
        this.#areFactsDue ||= isNew;
        if (this.#areFactsDue) await this.#save();
      },
    });
  }

  static async open(options: CountsFileOptions): Promise<CountsFile> {
    const file = new CountsFile(options);
    await file.#load();
    file.#forget(options.isStale ?? (() => false));
    return file;
  }

  /** Saves what is not on disk yet. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#hasUnsaved || this.#areFactsDue) await this.#saveOrComplain();
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const { broken } = readCounts(await readFile(this.path, 'utf8'), this.#table);
      if (broken === undefined) return;
      await this.#setAside(new Error(broken));
      this.#saveLater();
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') await this.#setAside(cause);
    }
  }

  #forget(isStale: (key: CountsKey) => boolean): void {
    for (const [topic, { epoch }] of this.#table.topics) {
      if (!isStale({ topic, epoch })) continue;
      this.#table.topics.delete(topic);
      this.#logger.warn({ file: this.path, topic, epoch }, 'forgot counts of an epoch that has not come yet');
      this.#saveLater();
    }
  }

  #saveLater(): void {
    this.#hasUnsaved = true;
    this.#timer ??= setTimeout(() => void this.#saveOrComplain(), this.#saveAfterMs).unref();
  }

  async #saveOrComplain(): Promise<void> {
    await this.#save().catch((err: unknown) => this.#refusals.add({ file: this.path, err }));
  }

  /** One save holds all that was told before it began. */
  async #save(): Promise<void> {
    this.#nextSave ??= this.#inTurn(async () => {
      this.#nextSave = undefined;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#hasUnsaved = false;
      this.#areFactsDue = false;
      try {
        await replaceFile(this.path, writtenCounts(this.#table), this.#openFile);
      } catch (error) {
        this.#areFactsDue = true;
        this.#saveLater();
        throw error;
      }
    });
    await this.#nextSave;
  }

  async #setAside(cause: unknown): Promise<void> {
    const facts = { file: this.path, err: cause };
    try {
      const aside = await setAside(this.path, 'damaged');
      this.#logger.warn({ ...facts, aside }, 'what this edge counted cannot be read; it was set aside');
    } catch (refusal) {
      this.#logger.warn({ ...facts, refusal }, 'what this edge counted cannot be read, nor set aside');
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('the store is closed');
  }
}
