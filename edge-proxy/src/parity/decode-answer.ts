import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { WholeAnswer } from '../data-plane/mirror-call.ts';
import type { ComparedAnswer } from './comparator.ts';

/** Bytes with their content coding taken off, to be read by `readAnswer`. */
export type Unpacked = { readonly head: Omit<WholeAnswer, 'body'>; readonly bytes: Buffer | undefined };

const UNPACK = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/**
 * Takes the content coding off, in a thread of its own.
 *
 * @param maxBytes of the result
 * @returns `bytes` undefined if the body is not what its coding says; `unreadable` for a coding that is not known here
 */
export async function unpack(answer: WholeAnswer, maxBytes: number): Promise<Unpacked | 'too-large' | 'unreadable'> {
  const { status, headers, body } = answer;
  const head = { status, headers };
  const coding = (headerOf(answer, 'content-encoding') ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '' || body.length === 0) return { head, bytes: body };
  if (!Object.hasOwn(UNPACK, coding)) return 'unreadable';
  try {
    return { head, bytes: await UNPACK[coding as keyof typeof UNPACK](body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too-large';
    return { head, bytes: undefined };
  }
}

/** An answer as comparators see it. */
export function readAnswer({ head, bytes }: Unpacked): ComparedAnswer {
  const headers = joinedHeaders(head.headers);
  const text = bytes && isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  const digest = bytes && text === undefined ? createHash('sha256').update(bytes).digest('hex') : undefined;
  const isJson = /^application\/(?:[\w.+-]{1,100}\+)?json\b/i.test(headers['content-type'] ?? '');
  return { status: head.status, headers, body: isJson && text ? parsed(text) : undefined, text, digest };
}

/** As Node joins them: a field that was sent more than once has its values in one line. */
function joinedHeaders(raw: WholeAnswer['headers']): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (let at = 0; at < raw.length; at += 2) {
    const name = String(raw[at]).toLowerCase();
    const value = latin1(raw[at + 1]!);
    joined[name] = name in joined ? `${joined[name]}, ${value}` : value;
  }
  return joined;
}

function headerOf({ headers }: WholeAnswer, name: string): string | undefined {
  return joinedHeaders(headers)[name];
}

function latin1(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString('latin1');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
