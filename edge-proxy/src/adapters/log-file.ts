import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

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

  /** Bytes that are on disk for certain. */
  get length(): number {
    return this.#length;
  }

  /** Everything that is in the file; later appends follow it. */
  async read(): Promise<Buffer> {
    const bytes = await this.#handle.readFile();
    this.#length = bytes.length;
    return bytes;
  }

  /** A part of what is on disk. Rejects if the file has become shorter. */
  async readAt(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.#handle.read(bytes, 0, length, position);
    if (bytesRead < length) throw new Error(`${this.path} ends before byte ${position + length}`);
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
