import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { RouteState } from '../domain/route-state.ts';
import { revision } from '../domain/weight.ts';
import type { Weight } from '../domain/weight.ts';

/**
 * The format of the file store's log: one line of JSON an entry, each a complete state, closed by the CRC-32 of all that
 * stands before it in its line:
 *
 *     {"schemaVersion":1,"route":"wod","revision":3,…,"reason":"first step","checksum":"9c0f1a2b"}⏎
 */
const SCHEMA_VERSION = 1;
const LINE_FEED = 0x0a;
const SEALED = /^(.*),"checksum":"([0-9a-f]{8})"\}$/s;

const entrySchema = z.object({
  schemaVersion: z.literal(
    SCHEMA_VERSION,
    `must be ${SCHEMA_VERSION}, the only one that this version of the edge reads`,
  ),
  route: z.string().min(1),
  revision: z.int().min(1),
  weightHundredths: z.int().min(0).max(10_000),
  changedBy: z.string(),
  changedAt: z.iso.datetime(),
  reason: z.string(),
});

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
export function encodeEntry(state: RouteState): Buffer {
  const { route, revision, weight, changedBy, changedAt, reason } = state;
  const entry = {
    schemaVersion: SCHEMA_VERSION,
    route,
    revision,
    weightHundredths: weight,
    changedBy,
    changedAt,
    reason,
  };
  const open = JSON.stringify(entry).slice(0, -1);
  return Buffer.from(`${open},"checksum":"${checksumOf(open)}"}\n`);
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
  const state = decodeEntry(text, line);
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

function decodeEntry(text: string, line: number): RouteState {
  if (!isSealed(text)) throw new LogDamageError(line, 'its checksum does not match');
  const result = entrySchema.safeParse(JSON.parse(text));
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new LogDamageError(line, `${path.join('.')}: ${message}`);
  }
  const { route, weightHundredths, changedBy, changedAt, reason } = result.data;
  return {
    route,
    revision: revision(result.data.revision),
    weight: weightHundredths as Weight,
    changedBy,
    changedAt,
    reason,
  };
}

/** A torn write is shorter than its entry. A whole one with something in its line feed's place was acknowledged once. */
function assertTorn(tail: Buffer, line: number): void {
  if (isSealed(tail.toString('utf8', 0, tail.length - 1))) throw new LogDamageError(line, 'its line feed is not one');
}

function isSealed(text: string): boolean {
  const [, open, checksum] = SEALED.exec(text) ?? [];
  return open !== undefined && checksumOf(open) === checksum;
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
