import cohortKey from '@fit/contracts/cohort-key';
import type { KeySource } from '../config/route-file.ts';
import type { RequestHead } from './request-head.ts';

/** The key that decides a request's side; without the one that the route asks for, the client's address. */
export function cohortKeyOf(source: KeySource, head: RequestHead): string {
  return keyFrom(source, head) || head.client;
}

function keyFrom(source: KeySource, head: RequestHead): string {
  if ('claim' in source) return cohortKey.claimOf(head.authorization, source.claim);
  if ('header' in source) return headerValue(head.headers, source.header);
  return cookieValue(headerValue(head.headers, 'cookie'), source.cookie);
}

function headerValue(headers: readonly string[], name: string): string {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() === name) return headers[at + 1]!;
  }
  return '';
}

/** RFC 6265, section 5.4: the first cookie of that name. */
function cookieValue(cookies: string, name: string): string {
  for (const pair of cookies.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
  }
  return '';
}
