import type { IncomingMessage } from 'node:http';
import { EDGE_PREFER } from '@fit/contracts/headers';
import { requestIdOf } from '@fit/service-kit/correlation';
import { canonicalAddress, clientAddress } from '../domain/client-address.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import {
  NEVER_A_CONNECTION_OPTION,
  connectionOptions,
  isKnownCoding,
  passesUntouched,
} from '../domain/header-names.ts';

/** A request's head, cleaned: what the upstream may see, and what the edge itself needs of it. */
export type RequestHead = {
  requestId: string;
  /** Path and query in origin form. */
  target: string;
  /** The part of `target` before the query. */
  path: string;
  /** To be passed on: names and values in turn, without `Host`. */
  headers: string[];
  /** As the client sent them: names and values in turn. */
  received: readonly string[];
  /** Every `Authorization` value, in order. */
  authorization: readonly string[];
  /** The side that a tester asks for. */
  prefer: string | undefined;
  client: string;
  hasBody: boolean;
};

export type BadHead = { problem: string };

/** A registered name or address with an optional port. */
const SANE_HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Reads a request's head as an intermediary must (RFC 9110, section 7.6): hop-by-hop fields and our own names go,
 * forwarded ones are set anew and extended only for a trusted peer.
 */
export function readRequestHead(req: IncomingMessage, trusted: TrustedProxies): RequestHead | BadHead {
  const options = connectionOptions(req.headers.connection);
  const needed = options.find((option) => NEVER_A_CONNECTION_OPTION.has(option));
  if (needed) return { problem: `Connection: names ${needed}, which the request needs` };
  const coding = req.headers['transfer-encoding'];
  if (!isKnownCoding(coding)) return { problem: 'Transfer-Encoding: only chunked is understood' };
  const target = originForm(req.url ?? '', req.headers.host);
  if (target === undefined) return { problem: 'the request target must be a path without a fragment' };
  if (!SANE_HOST.test(target.host)) return { problem: 'Host: must be a host name or address with an optional port' };

  const kept: Pick<RequestHead, 'headers' | 'authorization'> & { hosts: number } = keepEndToEnd(
    req.rawHeaders,
    options,
  );
  if (kept.hosts > 1) return { problem: 'Host: must be sent once' };
  if (kept.authorization.length > 1) return { problem: 'Authorization: must be sent once' };
  const peer = canonicalAddress(req.socket.remoteAddress ?? '') ?? '';
  const forwarded = trusted.has(peer) ? req.headers : {};
  const requestId = requestIdOf(req.headers);
  const client = clientAddress(peer, header(forwarded['x-forwarded-for']), trusted);
  kept.headers.push(
    'x-request-id',
    requestId,
    ...forwardedHeaders(req, { forwarded, peer, client, host: target.host }),
  );
  return {
    requestId,
    target: target.path,
    path: target.path.split('?', 1)[0] ?? '/',
    headers: kept.headers,
    received: req.rawHeaders,
    authorization: kept.authorization,
    prefer: header(req.headers[EDGE_PREFER]),
    client,
    hasBody: coding !== undefined || Number(req.headers['content-length'] ?? 0) > 0,
  };
}

function keepEndToEnd(raw: readonly string[], options: readonly string[]) {
  const headers: string[] = [];
  const authorization: string[] = [];
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    const value = raw[at + 1]!;
    const lower = name.toLowerCase();
    if (lower === 'authorization') authorization.push(value);
    if (lower === 'host') hosts++;
    if (passesUntouched(lower) && !options.includes(lower)) headers.push(name, value);
  }
  return { headers, authorization, hosts };
}

/**
 * The upstream is always the configured one, so of an absolute target only path and query count (RFC 9112, 3.2.2). A
 * fragment, which servers behind would cut off, is no part of a target.
 */
export function originForm(url: string, host: string | undefined): { path: string; host: string } | undefined {
  if (url.includes('#')) return undefined;
  if (url.startsWith('/')) return { path: url, host: host ?? '' };
  const absolute = ABSOLUTE_FORM.exec(url);
  if (!absolute) return undefined;
  const [, authority = '', rest = ''] = absolute;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host: authority };
}

function forwardedHeaders(
  req: IncomingMessage,
  from: { forwarded: IncomingMessage['headers']; peer: string; client: string; host: string },
): string[] {
  const { forwarded, peer, client } = from;
  const chain = header(forwarded['x-forwarded-for']);
  const proto = header(forwarded['x-forwarded-proto']) === 'https' ? 'https' : 'http';
  const host = header(forwarded['x-forwarded-host']) ?? from.host;
  const via = header(req.headers.via);
  return [
    'x-forwarded-for',
    chain ? `${chain}, ${peer}` : peer,
    'x-forwarded-proto',
    proto,
    'x-forwarded-host',
    host,
    'forwarded',
    `for=${quoted(client)};host=${quoted(host)};proto=${proto}`,
    'via',
    `${via ? `${via}, ` : ''}${req.httpVersion} edge`,
  ];
}

/** RFC 7239, section 4: what is no token is quoted, an IPv6 address bracketed. */
function quoted(value: string): string {
  if (/^[\w.-]+$/.test(value)) return value;
  const bracketed = /^[\da-f]*:[\da-f:.]*$/i.test(value) ? `[${value}]` : value;
  return `"${bracketed.replace(/["\\]/g, '')}"`;
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
