import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Request lines wait for so long, or for so many characters. */
const FLUSH_EVERY_MS = 250;
const CHUNK_CHARACTERS = 16_384;
/** More than this is not kept for a reader that hangs: of request lines, and of all others, which are few. */
const MOST_REQUEST_BYTES = 1_048_576;
const MOST_BYTES = 4_194_304;
/** A full pipe is tried again soon, as its reader may be fast, and ever later. */
const TRY_AGAIN_MS = 1;
const TRY_AGAIN_AT_MOST_MS = 100;
/** A write that takes longer than this meets a reader that hangs. */
const STUCK_MS = 1000;
/** What is being written at a crash has so long to get through before what follows it. */
const SETTLE_MS = 20;

type WriteBytes = (
  fd: number,
  bytes: Buffer,
  callback: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

export type LogOutputOptions = { fd: number; write?: WriteBytes; writeSync?: (fd: number, bytes: Buffer) => number };

/**
 * Lines of the log on their way to a descriptor, in their order, without anybody waiting for whoever reads it: they are
 * written off the event loop. Lines of requests are gathered, and dropped once the reader is too far behind; every other line
 * goes out at once, with what was gathered before it.
 */
export class LogOutput implements DestinationStream {
  readonly #options: Required<LogOutputOptions>;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lines = '';
  #lineCount = 0;
  #dropped = 0;
  #writingSince: number | undefined;
  #isTimed = false;
  #tryAgainMs = TRY_AGAIN_MS;

  constructor({ fd, write: writeBytes = write, writeSync: writeBytesSync = writeSync }: LogOutputOptions) {
    this.#options = { fd, write: writeBytes, writeSync: writeBytesSync };
  }

  /** Lines that nobody will read. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the reader seems to hang, so that nothing more can be written. */
  get isStuck(): boolean {
    return this.#writingSince !== undefined && performance.now() - this.#writingSince > STUCK_MS;
  }

  /** A line that may wait a moment, its end included; ASCII. */
  add(line: string): void {
    if (!this.#isTimed) {
      this.#isTimed = true;
      setInterval(() => this.#gather(), FLUSH_EVERY_MS).unref();
    }
    this.#lines += line;
    this.#lineCount++;
    if (this.#lines.length >= CHUNK_CHARACTERS) this.#gather();
  }

  /** A line that goes out at once. */
  write(line: string): void {
    this.#gather();
    this.#enqueue(line, { lines: 1, mostBytes: MOST_BYTES, encoding: 'utf8' });
  }

  /** Waits for all that there is to be written; to be used when the process ends. */
  flushSync(): void {
    this.#gather();
    if (this.isStuck) return;
    // What is being written is out of reach now; it should not be overtaken.
    if (this.#writingSince !== undefined) sleep(SETTLE_MS);
    this.#writeSync(this.#takeWaiting());
  }

  #gather(): void {
    if (this.#lineCount === 0) return;
    const [lines, count] = [this.#lines, this.#lineCount];
    this.#lines = '';
    this.#lineCount = 0;
    this.#enqueue(lines, { lines: count, mostBytes: MOST_REQUEST_BYTES, encoding: 'latin1' });
  }

  #enqueue(
    text: string,
    { lines, mostBytes, encoding }: { lines: number; mostBytes: number; encoding: BufferEncoding },
  ): void {
    if (this.#waitingBytes >= mostBytes) {
      this.#dropped += lines;
      return;
    }
    const bytes = Buffer.from(text, encoding);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#writingSince === undefined) this.#writeNext();
  }

  /** One write for all that has come during the one before: at a chunk a turn of the event loop the log would fall behind. */
  #writeNext(): void {
    const bytes = this.#takeWaiting();
    if (bytes.length > 0) this.#write(bytes);
  }

  #takeWaiting(): Buffer {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  #write(bytes: Buffer): void {
    this.#writingSince ??= performance.now();
    this.#options.write(this.#options.fd, bytes, (error, written) => {
      if (error && isBusy(error)) return this.#tryAgain(bytes);
      this.#tryAgainMs = TRY_AGAIN_MS;
      this.#writingSince = undefined;
      if (error) this.#dropped += linesIn(bytes);
      else if (written < bytes.length) return this.#write(bytes.subarray(written));
      this.#writeNext();
    });
  }

  #tryAgain(bytes: Buffer): void {
    setTimeout(() => this.#write(bytes), this.#tryAgainMs).unref();
    this.#tryAgainMs = Math.min(TRY_AGAIN_AT_MOST_MS, this.#tryAgainMs * 2);
  }

  #writeSync(bytes: Buffer): void {
    const giveUpAt = performance.now() + STUCK_MS;
    for (let at = 0; at < bytes.length;) {
      try {
        at += this.#options.writeSync(this.#options.fd, bytes.subarray(at));
      } catch (error) {
        // The process ends: there is nobody to tell of what is lost, and nowhere.
        if (!isBusy(error as NodeJS.ErrnoException) || performance.now() > giveUpAt) return;
        sleep(SETTLE_MS);
      }
    }
  }
}

/** Of the whole process. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A pipe that does not block, and is full. */
function isBusy({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'EBUSY';
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_END) lines++;
  return lines;
}

const LINE_END = '\n'.charCodeAt(0);
