import { decodeEntry } from '../route-entry.ts';
import type { DecodedEntry } from '../route-entry.ts';
import { MAX_ENTRY_BYTES } from './redis-scripts.ts';

/** What is read from Redis in the place of an entry: bytes, or nothing if there were too many. */
export function readEntry(found: unknown, route?: string): DecodedEntry {
  if (!Buffer.isBuffer(found) || found.length > MAX_ENTRY_BYTES) {
    return { kind: 'damaged', why: `it is longer than ${MAX_ENTRY_BYTES} bytes` };
  }
  const entry = decodeEntry(found.toString());
  if (entry.kind === 'entry' && route !== undefined && entry.state.route !== route) {
    return { kind: 'damaged', why: `it is the state of route ${entry.state.route}` };
  }
  return entry;
}
