import { EDGE_FALLBACK, FAILED_DEPENDENCY, REQUEST_ID } from '@fit/contracts/headers';
import type { RawHeaders } from './attempt.ts';
import type { FallbackReason } from './fault.ts';
import { HOP_BY_HOP, connectionOptions, isKnownCoding } from '../domain/header-names.ts';

/** Whether a status is one that an answer can have (RFC 9110, section 15), informational ones apart. */
export function isFinalStatus(status: number): boolean {
  return status >= 200 && status <= 599;
}

/**
 * The fields of an upstream's answer as the client may see them, names and values in turn: hop-by-hop fields and hints
 * between our own parts go (and the length that a 204 may not have), the request id and the reason of a fallback come.
 *
 * @throws RangeError if the body has a transfer coding that would be lost
 */
export function responseHeaders(
  status: number,
  raw: RawHeaders,
  add: { requestId: string; fallback: FallbackReason | undefined },
): string[] {
  const headers: string[] = [];
  let connection: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!);
    const lower = name.toLowerCase();
    if (lower === 'transfer-encoding' && !isKnownCoding(text(raw[at + 1]!))) throw new RangeError('unknown coding');
    if (lower === 'connection') connection = text(raw[at + 1]!);
    if (isForClient(lower) && !(status === 204 && lower === 'content-length')) headers.push(name, text(raw[at + 1]!));
  }
  dropNamed(headers, connectionOptions(connection));
  headers.push(REQUEST_ID, add.requestId, 'via', '1.1 edge');
  if (add.fallback) headers.push(EDGE_FALLBACK, add.fallback);
  return headers;
}

/** Whether a field of an upstream's answer is any of the client's business. */
export function isForClient(lower: string): boolean {
  return (
    !HOP_BY_HOP.has(lower) &&
    lower !== REQUEST_ID &&
    lower !== FAILED_DEPENDENCY &&
    !lower.startsWith('x-edge-') &&
    !lower.startsWith('proxy-')
  );
}

function dropNamed(headers: string[], options: readonly string[]): void {
  if (options.length === 0) return;
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (options.includes(headers[at]!.toLowerCase())) headers.splice(at, 2);
  }
}

function text(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString('latin1');
}
