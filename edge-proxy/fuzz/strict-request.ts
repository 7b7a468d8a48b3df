// Which names these are is the edge's own choice, so there is nothing to check it against.
import { isNeeded } from '../src/domain/header-names.ts';
import { bad, framingOf, listOf, readBody, readHead, valuesOf } from './strict-http.ts';
import type { Bad, Field } from './strict-http.ts';

export type StrictRequest = {
  method: string;
  /** Origin form: path and query, or `*`. */
  target: string;
  version: string;
  fields: readonly Field[];
  /** The decoded body, as far as it is there. */
  content: string;
  isWhole: boolean;
  /** False for what an intermediary of this kind answers itself: 400, 405 or 417. */
  isForwardable: boolean;
  asksForUpgrade: boolean;
  /** Where the next request begins, if it is whole. */
  end: number;
};

/** What a connection's bytes are: its requests, the last of them perhaps not whole, and what comes after them. */
export type RequestReading = {
  requests: readonly StrictRequest[];
  rest: 'nothing' | 'partial' | 'bad' | 'closed';
  why: string;
};

export type OneRequest =
  | { kind: 'whole' | 'partial' | 'bad'; request: StrictRequest; why: string }
  | { kind: 'partial' | 'bad'; request: undefined; why: string };

/** More than one space around the target is taken too (RFC 9112, section 3): the edge writes a line of its own. */
const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([\x21-\x7e]+) +HTTP\/(1\.[01])$/;
const HOST = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Every request that a strict server would see in what one client sent. */
export function readRequests(text: string): RequestReading {
  const requests: StrictRequest[] = [];
  for (let at = 0; ;) {
    if (/^[\r\n]*$/.test(text.slice(at))) return { requests, rest: 'nothing', why: '' };
    const one = readRequest(text, at);
    if (one.request) requests.push(one.request);
    if (one.kind !== 'whole') return { requests, rest: one.kind, why: one.why };
    if (closesAfter(one.request)) return { requests, rest: 'closed', why: 'Connection: close' };
    at = one.request.end;
  }
}

export function readRequest(text: string, from: number): OneRequest {
  const head = readHead(text, from);
  if (head.kind === 'partial') return { kind: 'partial', request: undefined, why: 'the head is not whole' };
  if (head.kind === 'bad') return { kind: 'bad', request: undefined, why: head.why };
  const checked = checkHead(head.startLine, head.fields);
  if ('kind' in checked) return { kind: 'bad', request: undefined, why: checked.why };
  const { framing, ...request } = checked;
  const body = readBody(text, head.end, framing);
  const { content, end } = body;
  return {
    kind: body.kind,
    request: { ...request, fields: head.fields, content, isWhole: body.kind === 'whole', end },
    why: body.why ?? '',
  };
}

function checkHead(startLine: string, fields: readonly Field[]) {
  const parts = REQUEST_LINE.exec(startLine);
  if (!parts) return bad(`request line ${JSON.stringify(startLine.slice(0, 80))}`);
  const [, method = '', rawTarget = '', version = ''] = parts;
  const target = originForm(method, rawTarget);
  if (typeof target !== 'string') return target;
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1 || (hosts.length === 0 && version === '1.1')) return bad(`${hosts.length} Host fields`);
  if (hosts.some((host) => !HOST.test(host))) return bad(`Host ${JSON.stringify(hosts[0])}`);
  const framing = framingOf(fields, version);
  if (framing.kind === 'bad') return framing;
  const options = listOf(fields, 'connection');
  const expects =
    version === '1.0' || valuesOf(fields, 'expect').every((value) => value.toLowerCase() === '100-continue');
  const isClear = !options.some(isNeeded) && valuesOf(fields, 'authorization').length < 2;
  const isForwardable = expects && isClear && !['TRACE', 'CONNECT'].includes(method);
  const asksForUpgrade = options.includes('upgrade') && valuesOf(fields, 'upgrade').length > 0;
  return { method, target, version, isForwardable, asksForUpgrade, framing };
}

function originForm(method: string, target: string): string | Bad {
  if (target.includes('#')) return bad('a fragment in the target');
  if (target.startsWith('/') || (target === '*' && method === 'OPTIONS') || method === 'CONNECT') return target;
  const absolute = /^https?:\/\/[^/?#]+(.*)$/i.exec(target);
  if (!absolute) return bad(`target ${JSON.stringify(target.slice(0, 40))}`);
  const rest = absolute[1]!;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function closesAfter({ fields, version }: StrictRequest): boolean {
  // llhttp heeds the old name too, and no harm comes of it.
  const options = [...listOf(fields, 'connection'), ...listOf(fields, 'proxy-connection')];
  return options.includes('close') || (version === '1.0' && !options.includes('keep-alive'));
}
