import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { EDGE_PREFER, EDGE_TIMEOUT, TRACEPARENT, TRACESTATE } from '@fit/contracts/headers';
import { requestIdOf } from '@fit/service-kit/correlation';
import { ProblemError } from '@fit/service-kit/problem';
import { traceContextOf } from '@fit/service-kit/trace-context';
import type { TraceContext } from '@fit/service-kit/trace-context';
import { clientAddress } from '../domain/client-address.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import { connectionOptions, isKnownCoding, isNeeded, passesUntouched } from '../domain/header-names.ts';
import { connectionOf } from './client-connection.ts';
import { badRequest } from './own-answer.ts';

/** A request's head, cleaned: what the upstream may see, and what the edge itself needs of it. */
export type RequestHead = {
  requestId: string;
  /** Path and query in origin form. */
  target: string;
  /** The part of `target` before the query. */
  path: string;
  /** To be passed on: names and values in turn, without `Host`. */
  headers: readonly string[];
  /** As the client sent them: names and values in turn. */
  received: readonly string[];
  authorization: string | undefined;
  /** What the client says its request is part of; undefined if that is not sane, too. */
  trace: TraceContext | undefined;
  /** The side that a tester asks for. */
  prefer: string | undefined;
  client: string;
  hasBody: boolean;
  isHttp11: boolean;
  /** Whether the request goes no further than here: its `Max-Forwards` is spent (RFC 9110, section 7.6.2). */
  endsHere: boolean;
  /** Whether the client reads trailer sections. */
  takesTrailers: boolean;
};

export type RequestHeadOptions = {
  trusted: TrustedProxies;
  /** Fields in a head; more are refused. */
  maxHeaderCount: number;
  /** Length of the request target; a longer one is refused. */
  maxTargetBytes: number;
};

/** A registered name or address with an optional port; what is in brackets must be an IPv6 address. */
const SANE_HOST = /^(?:[\w.-]+|\[([\da-f:.]+)\])(?::\d{1,5})?$/i;
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]+)(.*)$/i;
const EMPTY: IncomingHttpHeaders = {};
const CLOSE = { headers: { connection: 'close' } };

/**
 * Reads a request's head as an intermediary must (RFC 9110, section 7.6): hop-by-hop fields and our own names go,
 * forwarded ones are set anew and extended only for a trusted peer.
 *
 * @returns a ProblemError if the request is not sound
 */
export function readRequestHead(req: IncomingMessage, options: RequestHeadOptions): RequestHead | ProblemError {
  const { headers: fields, rawHeaders, url = '' } = req;
  if (url.length > options.maxTargetBytes) return tooLong(options.maxTargetBytes);
  if (rawHeaders.length > options.maxHeaderCount * 2) return tooMany(rawHeaders.length / 2, options.maxHeaderCount);
  const named = connectionOptions(fields.connection);
  const needed = named.find(isNeeded);
  if (needed) return badRequest(`Connection: names ${needed}, which the request needs`);
  const coding = fields['transfer-encoding'];
  if (!isKnownCoding(coding)) return badRequest('Transfer-Encoding: only chunked is understood');
  const target = originForm(url, fields.host);
  if (target === undefined) return badRequest('the request target must be a path without a fragment');
  const isHttp11 = req.httpVersion === '1.1';
  if (!isHttp11 && req.httpVersion !== '1.0') return unknownVersion(req.httpVersion);
  if (coding !== undefined && !isHttp11) return badRequest('Transfer-Encoding: is unknown to HTTP/1.0');
  if (!isSaneHost(fields.host, isHttp11) || !isSaneHost(target.host, isHttp11)) {
    return badRequest('Host: must be a host name or address with an optional port');
  }
  const kept = keepEndToEnd(rawHeaders, named);
  if (kept.hosts > 1) return badRequest('Host: must be sent once');
  if (kept.authorizations > 1) return badRequest('Authorization: must be sent once');
  const { peer, isTrusted } = connectionOf(req.socket, options.trusted);
  const forwarded = isTrusted ? fields : EMPTY;
  const requestId = requestIdOf(fields);
  const client = isTrusted ? clientAddress(peer, header(fields['x-forwarded-for']), options.trusted) : peer;
  kept.headers.push('x-request-id', requestId);
  pushForwarded(kept.headers, { req, forwarded, peer, client, host: target.host });
  return {
    requestId,
    target: target.path,
    path: beforeQuery(target.path),
    headers: kept.headers,
    received: rawHeaders,
    authorization: fields.authorization,
    trace: fields[TRACEPARENT] === undefined ? undefined : traceContextOf(fields),
    prefer: header(fields[EDGE_PREFER]),
    client,
    hasBody: coding !== undefined || Number(fields['content-length'] ?? 0) > 0,
    isHttp11,
    endsHere: req.method === 'OPTIONS' && fields['max-forwards'] !== undefined && !stepForward(kept.headers),
    takesTrailers: isHttp11 && fields.te !== undefined && /\btrailers\b/i.test(header(fields.te) ?? ''),
  };
}

/**
 * The head for one upstream: whose host it is, and how long the edge will wait for its answer.
 *
 * @param traced what the upstream is told of the trace; by default what the client said
 */
export function headersFor(head: RequestHead, host: string, timeoutMs: number, traced = traceOf(head)): string[] {
  const headers = ['host', host, EDGE_TIMEOUT, String(timeoutMs), ...head.headers];
  return traced.length === 0 ? headers : headers.concat(traced);
}

const NO_TRACE: readonly string[] = [];

/** The client's own trace context, as it is passed on where the edge does not trace: names and values in turn. */
export function traceOf({ trace }: RequestHead): readonly string[] {
  if (!trace) return NO_TRACE;
  const { traceparent, state } = trace;
  return state === undefined ? [TRACEPARENT, traceparent] : [TRACEPARENT, traceparent, TRACESTATE, state];
}

/** What is done with a field of a client. */
type FieldRule = 'drop' | 'pass' | 'authorization' | 'host';

/** The rule of each name as clients spell it: a few dozen spellings make up all traffic. */
const KNOWN_RULES = new Map<string, FieldRule>();
const MAX_KNOWN_RULES = 1000;

function ruleOf(name: string): FieldRule {
  const known = KNOWN_RULES.get(name);
  if (known) return known;
  const lower = name.toLowerCase();
  const special = lower === 'authorization' || lower === 'host' ? lower : undefined;
  const rule = special ?? (passesUntouched(lower) ? 'pass' : 'drop');
  if (KNOWN_RULES.size < MAX_KNOWN_RULES) KNOWN_RULES.set(name, rule);
  return rule;
}

function keepEndToEnd(raw: readonly string[], named: readonly string[]) {
  const headers: string[] = [];
  let authorizations = 0;
  let hosts = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    const rule = ruleOf(name);
    if (rule === 'drop') continue;
    if (rule === 'host') {
      hosts++;
      continue;
    }
    if (rule === 'authorization') authorizations++;
    if (named.length === 0 || !named.includes(name.toLowerCase())) headers.push(name, raw[at + 1]!);
  }
  return { headers, authorizations, hosts };
}

/** Counts `Max-Forwards` down; false if it is 0 already. */
function stepForward(headers: string[]): boolean {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'max-forwards') + 1;
  const left = /^\d{1,9}$/.test(headers[at] ?? '') ? Number(headers[at]) : undefined;
  if (at > 0 && left) headers[at] = String(left - 1);
  return left !== 0;
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

/** HTTP/1.0 knows no Host. */
function isSaneHost(host = '', isHttp11: boolean): boolean {
  if (host === '') return !isHttp11;
  const sane = SANE_HOST.exec(host);
  return sane !== null && (sane[1] === undefined || isIPv6(sane[1]));
}

export function beforeQuery(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

function pushForwarded(
  headers: string[],
  from: { req: IncomingMessage; forwarded: IncomingHttpHeaders; peer: string; client: string; host: string },
): void {
  const { req, forwarded, peer, client } = from;
  const chain = header(forwarded['x-forwarded-for']);
  const proto = header(forwarded['x-forwarded-proto']) === 'https' ? 'https' : 'http';
  const host = header(forwarded['x-forwarded-host']) ?? from.host;
  const via = header(req.headers.via);
  const theirs = header(forwarded.forwarded);
  const rest = `host=${quoted(host)};proto=${proto}`;
  headers.push(
    'x-forwarded-for',
    chain ? `${chain}, ${peer}` : peer,
    'x-forwarded-proto',
    proto,
    'x-forwarded-host',
    host,
    'forwarded',
    theirs ? `${theirs}, for=${quoted(peer)};${rest}` : `for=${quoted(client)};${rest}`,
    'via',
    `${via ? `${via}, ` : ''}${req.httpVersion} edge`,
  );
}

/** RFC 7239, sections 4 and 6: what is no token is quoted, an IPv6 address bracketed. */
function quoted(value: string): string {
  if (/^[\w.-]+$/.test(value)) return value;
  return `"${isIPv6(value) ? `[${value}]` : value.replace(/["\\]/g, '')}"`;
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function unknownVersion(version: string): ProblemError {
  return new ProblemError('version-not-supported', `HTTP/${version} is not HTTP/1.0 or HTTP/1.1`, CLOSE);
}

function tooLong(limit: number): ProblemError {
  return new ProblemError('target-too-long', `The request target must be at most ${limit} bytes long`, CLOSE);
}

function tooMany(count: number, limit: number): ProblemError {
  return new ProblemError('head-too-large', `A head must have at most ${limit} fields, received ${count}`, CLOSE);
}
