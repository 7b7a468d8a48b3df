import { bodyText, brokenChunks, chunked } from './message-body.ts';
import type { Random } from './random.ts';

/** Sound requests of every kind that a client may send, and the same with something added that makes them ambiguous. */
export type RequestParts = { startLine: string; fields: string[]; body: string };

/** Where the route is, whose two sides the edge chooses from; all else goes to the default upstream. */
export const ROUTE_PATH = '/fitness/wod';

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH'] as const;

const HARMLESS = [
  'Accept: */*', 'Accept-Encoding: gzip, br', 'Cookie: a=b; c=d', 'Authorization: Bearer x.y.z', 'X-Empty:', 'X-High: \xe9\xff',
  'X-Tab: a\tb', 'Connection: keep-alive', 'Connection: keep-alive, x-named', 'X-Named: evil', 'Keep-Alive: timeout=5',
  'TE: trailers', 'Trailer: X-Trailer', 'Proxy-Authorization: evil', 'Proxy-Connection: keep-alive', 'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Host: evil', 'Forwarded: for=evil', 'Via: 1.0 evil', 'X-Edge-Prefer: coach', 'X-Edge-Fuzz: evil', 'X-User-Id: evil',
  'X_Edge_Id: evil', 'X-Request-ID: fuzz-1', 'Upgrade: h2c', 'Range: bytes=0-4', 'If-None-Match: "x"', 'Content-Type: text/plain',
]; // prettier-ignore

/** One line, or several, that set parsers against each other or ask for special treatment. */
const AMBIGUOUS = [
  'Transfer-Encoding: chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: xchunked', 'Transfer-Encoding:\x0bchunked', 'Transfer-Encoding : chunked', 'Transfer-Encoding: chunked ', ' Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked', 'X: y\nTransfer-Encoding: chunked', 'X: y\rTransfer-Encoding: chunked', 'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', 'Transfer-Encoding: CHUNKED', 'Transfer_Encoding: chunked', 'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding:', 'Transfer-Encoding: ,chunked', 'Transfer-\0Encoding: chunked',
  'Content-Length: 0', 'Content-Length: 5', 'Content-Length: +5', 'Content-Length: -5', 'Content-Length: 0x5', 'Content-Length: 5, 5', 'Content-Length: 5,6',
  'Content-Length: 5\r\nContent-Length: 5', 'Content-Length: 5\r\nContent-Length: 6', 'Content-Length : 5', 'Content-Length: 5 5', 'Content-Length:', 'Content-Length: 005',
  'Content-Length: 18446744073709551617', 'Content-Length: 5e1', 'Content_Length: 5', 'Content-Length: 99999',
  'Connection: close', 'Connection: content-length', 'Connection: close, transfer-encoding', 'Connection: host', 'Connection: cookie, authorization', 'Connection: x-forwarded-for',
  'Host: b', 'Host: a/b', 'Host:', 'Host: a@b', 'Expect: 100-continue', 'Expect: 100-continue', 'Expect: x', 'Upgrade: websocket\r\nConnection: Upgrade',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: x',
  ': evil', 'X Y: evil', 'X-\xe9: evil', 'nocolon', '\tX: folded', `X-Long: ${'l'.repeat(20_000)}`, 'X-Many: m\r\n'.repeat(150).trimEnd(), 'X-Forwarded-Proto: https\0',
]; // prettier-ignore

/** @param hidden a request that only a confused parser sees, put into some bodies */
export function soundRequest(random: Random, token: string, hidden: string): RequestParts {
  const method = random.pick(METHODS);
  const version = random.chance(0.08) ? '1.0' : '1.1';
  const fields = [random.pick(['Host: edge.test', 'Host: 127.0.0.1:8080', 'host: EDGE.test'])];
  for (let more = random.int(5); more > 0; more--) fields.push(random.pick(HARMLESS));
  let body = '';
  if (method !== 'GET' && method !== 'HEAD' ? random.chance(0.8) : random.chance(0.05)) {
    const content = bodyText(random, token, hidden);
    const isChunked = version === '1.1' && random.chance(0.5);
    body = isChunked ? chunked(random, content) : content;
    fields.push(isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`);
    if (version === '1.1' && random.chance(0.08)) fields.push('Expect: 100-continue');
  }
  if (version === '1.0' && random.chance(0.5)) fields.push('Connection: keep-alive');
  shuffle(random, fields);
  return { startLine: `${method} ${targetFor(random, token)} HTTP/${version}`, fields, body };
}

export function ambiguousRequest(random: Random, token: string, hidden: string): RequestParts {
  const parts = soundRequest(random, token, hidden);
  const fields = [...parts.fields];
  for (let more = 1 + random.int(2); more > 0; more--) {
    fields.splice(random.int(fields.length + 1), 0, random.pick(AMBIGUOUS));
  }
  const isChunked = parts.fields.includes('Transfer-Encoding: chunked');
  const body = isChunked && random.chance(0.4) ? brokenChunks(random, parts.body) : parts.body;
  const startLine = random.chance(0.15) ? oddStartLine(random, parts.startLine) : parts.startLine;
  return { startLine, fields, body };
}

export function bytesOf({ startLine, fields, body }: RequestParts): string {
  return `${[startLine, ...fields].join('\r\n')}\r\n\r\n${body}`;
}

function targetFor(random: Random, token: string): string {
  const path = random.chance(0.4)
    ? `${ROUTE_PATH}?t=${token}`
    : `/p/${token}${random.pick(['', '/', '/x?y=z', '//x', '/%2f', '/..', "/a'b(c)[d]"])}`;
  return random.chance(0.06) ? `http://elsewhere.test${path}` : path;
}

function oddStartLine(random: Random, line: string): string {
  const [method = '', target = '', version = ''] = line.split(' ');
  return random.pick([
    `TRACE ${target} ${version}`, `CONNECT elsewhere.test:80 ${version}`, `OPTIONS * ${version}`, `BREW ${target} ${version}`, `get ${target} ${version}`,
    `${method}  ${target} ${version}`, `${method} ${target}\t${version}`, `${method} ${target}`, `${method} ${target} HTTP/2.0`, `${method} ${target} HTTP/1.2`,
    `${method} ${target} http/1.1`, `${method} ${target} HTTP/1.1 x`, `${method} ${target}#f ${version}`, `${method} ${target}\xff ${version}`, `${method} x${target} ${version}`,
    `${method} \\${target} ${version}`, `PRI * HTTP/2.0`, `${method} http:/${target} ${version}`, `${method} ftp://a${target} ${version}`, `${method} http://${target} ${version}`,
    ` ${line}`, `\r\n${line}`, `\n${line}`, `${line} `, `POST / HTTP/1.1\r\n${line}`,
  ]); // prettier-ignore
}

function shuffle(random: Random, items: unknown[]): void {
  for (let at = items.length - 1; at > 0; at--) {
    const other = random.int(at + 1);
    [items[at], items[other]] = [items[other], items[at]];
  }
}
