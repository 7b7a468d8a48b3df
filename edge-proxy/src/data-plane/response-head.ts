import { EDGE_FALLBACK, FAILED_DEPENDENCY, REQUEST_ID, SERVED_BY } from '@fit/contracts/headers';
import { HOP_BY_HOP, connectionOptions, isKnownCoding, mayBeTrailer } from '../domain/header-names.ts';
import type { RawHeaders } from './attempt.ts';
import type { FallbackReason } from './fault.ts';
import type { AnswerHead } from './held-answer.ts';

/** Whether a status is one that an answer can have (RFC 9110, section 15), informational ones apart. */
export function isFinalStatus(status: number): boolean {
  return status >= 200 && status <= 599;
}

/**
 * The head of an upstream's answer as the client may see it: hop-by-hop fields and hints between our own parts go (and the
 * length that a 204 may not have), the request id, `Via` and the reason of a fallback come.
 *
 * @returns undefined if the body has a transfer coding that would be lost
 */
export function responseHeaders(
  status: number,
  raw: RawHeaders,
  add: { requestId: string; fallback: FallbackReason | undefined },
): AnswerHead | undefined {
  const answer: AnswerHead = { headers: [], length: undefined, isEventStream: false, madeBy: undefined };
  let via = '1.1 edge';
  let isCoded = false;
  let options: readonly string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!);
    const value = text(raw[at + 1]!);
    switch (name.toLowerCase()) {
      case 'connection':
        options = [...options, ...connectionOptions(value)];
        break;
      case 'transfer-encoding':
        if (isCoded || !isKnownCoding(value)) return undefined;
        isCoded = true;
        break;
      case 'content-length':
        if (status === 204) break;
        answer.length = Number(value);
        answer.headers.push(name, value);
        break;
      case 'via':
        via = `${value}, ${via}`;
        break;
      case 'content-type':
        answer.isEventStream = value.startsWith('text/event-stream');
        answer.headers.push(name, value);
        break;
      case SERVED_BY:
        answer.madeBy = value;
        answer.headers.push(name, value);
        break;
      default:
        if (isForClient(name.toLowerCase())) answer.headers.push(name, value);
    }
  }
  dropNamed(answer.headers, options);
  answer.headers.push(REQUEST_ID, add.requestId, 'via', via);
  if (add.fallback) answer.headers.push(EDGE_FALLBACK, add.fallback);
  return answer;
}

/** The fields of an interim answer (1xx) as the client may see them. */
export function interimHeaders(raw: RawHeaders): string[] {
  return passed(raw, isForClient);
}

/** The fields of an answer's trailer section as the client may see them, in pairs. */
export function answerTrailers(raw: RawHeaders): [string, string][] {
  const flat = passed(raw, (lower) => isForClient(lower) && mayBeTrailer(lower));
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[at * 2]!, flat[at * 2 + 1]!]);
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

function passed(raw: RawHeaders, passes: (lower: string) => boolean): string[] {
  const headers: string[] = [];
  let options: readonly string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = text(raw[at]!);
    const lower = name.toLowerCase();
    if (lower === 'connection') options = [...options, ...connectionOptions(text(raw[at + 1]!))];
    if (passes(lower)) headers.push(name, text(raw[at + 1]!));
  }
  dropNamed(headers, options);
  return headers;
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
