import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** An append-only file whose appends are whole and on disk, or not there at all. One append at a time. */
export class LogFile {
  readonly path: string;
  readonly #handle: FileHandle;
  /** All before it is acknowledged and on disk. */
  #length = 0;
  /** Set once it is not known what stands at the end. */
  #lost: unknown;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Opens the file, or makes it, and sees to it that its name outlives a power cut. */
  static async open(path: string, openFile: typeof open = open): Promise<LogFile> {
    const handle = await openFile(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    await syncFolder(dirname(path));
    return new LogFile(path, handle);
  }

  /** Everything that is in the file; later appends follow it. */
  async read(): Promise<Buffer> {
    const bytes = await this.#handle.readFile();
    this.#length = bytes.length;
    return bytes;
  }

  /**
   * Rejects with the system's error if the bytes could not be written (ENOSPC, EFBIG, EIO); the file is then as before.
   * Where even that cannot be had, every further append is refused.
   */
  async append(bytes: Buffer): Promise<void> {
    if (this.#lost !== undefined) {
      throw new Error(`${this.path} could not be mended after a failed write; restart the edge`, { cause: this.#lost });
    }
    try {
      await writeAll(this.#handle, bytes, this.#length);
      await this.#handle.datasync();
    } catch (error) {
      await this.cutOff(this.#length).catch((lost: unknown) => {
        this.#lost = lost;
      });
      throw error;
    }
    this.#length += bytes.length;
  }

  /** Keeps the first `length` bytes. */
  async cutOff(length: number): Promise<void> {
    await this.#handle.truncate(length);
    await this.#handle.datasync();
    this.#length = length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** On a full disk a write may take a part of the bytes and only the next one fail. */
async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** A new file's name lives in its folder, which has a disk cache of its own. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
