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
/** What is being written when the process ends has so long to get through before what follows it. */
const SETTLE_MS = 20;
/** A reader that goes on taking lines then is waited for at most this long. */
const LAST_WORDS_MS = 3000;

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
  /** What is being written, less what has been. */
  #writing: Buffer | undefined;
  /** Whether the system has it now; otherwise the descriptor was full, and it is tried again. */
  #isUnderWay = false;
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
    // What the system has is out of reach, and nearly always whole; it should not be overtaken.
    if (this.#isUnderWay) sleep(SETTLE_MS);
    const rest = this.#isUnderWay ? NOTHING : (this.#writing ?? NOTHING);
    this.#writing = undefined;
    this.#writeSync(Buffer.concat([rest, this.#takeWaiting()]));
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
    this.#writing = bytes;
    this.#isUnderWay = true;
    this.#options.write(this.#options.fd, bytes, (error, written) => {
      this.#isUnderWay = false;
      if (error && isBusy(error)) return this.#tryAgain();
      this.#tryAgainMs = TRY_AGAIN_MS;
      this.#writingSince = undefined;
      this.#writing = undefined;
      if (error) this.#dropped += linesIn(bytes);
      else if (written < bytes.length) return this.#write(bytes.subarray(written));
      this.#writeNext();
    });
  }

  #tryAgain(): void {
    setTimeout(() => this.#writing && this.#write(this.#writing), this.#tryAgainMs).unref();
    this.#tryAgainMs = Math.min(TRY_AGAIN_AT_MOST_MS, this.#tryAgainMs * 2);
  }

  #writeSync(bytes: Buffer): void {
    const begunAt = performance.now();
    let takenAt = begunAt;
    for (let at = 0; at < bytes.length;) {
      try {
        at += this.#options.writeSync(this.#options.fd, bytes.subarray(at));
        takenAt = performance.now();
      } catch (error) {
        const now = performance.now();
        // The process ends: there is nobody to tell of what is lost, and nowhere.
        if (!isBusy(error as NodeJS.ErrnoException)) return;
        if (now - takenAt > STUCK_MS || now - begunAt > LAST_WORDS_MS) return;
        sleep(SETTLE_MS);
      }
    }
  }
}

const NOTHING = Buffer.alloc(0);

let standard: LogOutput | undefined;

/** Standard output, shared by all loggers of this process; what is left when the process ends is written then. */
export function standardOutput(): LogOutput {
  if (standard) return standard;
  // Asked for, a pipe is one that does not block: a reader that hangs then holds no thread, and not the end of the process.
  const output = new LogOutput({ fd: process.stdout.fd });
  process.once('exit', () => output.flushSync());
  return (standard = output);
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
