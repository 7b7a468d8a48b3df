import type { RouteState } from '../domain/route-state.ts';
import { decodeEntry, encodeEntry } from './route-entry.ts';
import { isSealed } from './sealed-line.ts';

/** The format of the file store's log: one entry a line, each a complete state. */
const LINE_FEED = 0x0a;

export type LogContent = {
  /** The last state of every route. */
  states: Map<string, RouteState>;
  entries: number;
  /** How many bytes hold whole entries; what follows them is torn. */
  wholeBytes: number;
};

/** A line that is neither whole nor the torn end of a write. Where it stands is known, what it said is not. */
export class LogDamageError extends Error {
  readonly code = 'log-damaged';
  /** From 1. */
  readonly line: number;

  constructor(line: number, why: string) {
    super(`line ${line} is damaged: ${why}`);
    this.name = 'LogDamageError';
    this.line = line;
  }
}

/** One entry, its line feed included. */
export function encodeLine(state: RouteState): Buffer {
  return Buffer.from(`${encodeEntry(state)}\n`);
}

/**
 * Reads a log from its beginning. An entry is whole once its line feed is there: bytes after the last line feed are the
 * torn end of a write that was never acknowledged. Anything else that cannot be read was acknowledged once.
 *
 * @throws LogDamageError naming the first damaged line
 */
export function parseLog(bytes: Buffer): LogContent {
  const content: LogContent = { states: new Map(), entries: 0, wholeBytes: 0 };
  for (;;) {
    const lineFeed = bytes.indexOf(LINE_FEED, content.wholeBytes);
    if (lineFeed === -1) break;
    addEntry(content, bytes.toString('utf8', content.wholeBytes, lineFeed));
    content.wholeBytes = lineFeed + 1;
  }
  assertTorn(bytes.subarray(content.wholeBytes), content.entries + 1);
  return content;
}

function addEntry(content: LogContent, text: string): void {
  const line = content.entries + 1;
  const entry = decodeEntry(text);
  if (entry.kind === 'damaged') throw new LogDamageError(line, entry.why);
  const { state } = entry;
  const expected = (content.states.get(state.route)?.revision ?? 0) + 1;
  if (state.revision !== expected) {
    throw new LogDamageError(
      line,
      `route ${state.route} is at revision ${state.revision}, not ${expected}: an entry is missing`,
    );
  }
  content.states.set(state.route, state);
  content.entries = line;
}

/** A torn write is shorter than its entry. A whole one with something in its line feed's place was acknowledged once. */
function assertTorn(tail: Buffer, line: number): void {
  if (isSealed(tail.toString('utf8', 0, tail.length - 1))) throw new LogDamageError(line, 'its line feed is not one');
}
