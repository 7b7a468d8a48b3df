import { bodyText, brokenChunks, chunked } from './message-body.ts';
import type { Random } from './random.ts';

/** Names an upstream's answer as one, and whose it is. */
export const SENT_FOR = 'x-sent-for';

const STATUS_LINES = [
  'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 ', 'HTTP/1.1 201 Made', 'HTTP/1.0 200 OK', 'HTTP/1.1 404 Not Found', 'HTTP/1.1 503 Full',
  'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 302 Found', 'HTTP/1.1 599 x',
]; // prettier-ignore

const ODD_STATUS_LINES = [
  'HTTP/1.1 000 x', 'HTTP/1.1 099 x', 'HTTP/1.1 99 x', 'HTTP/1.1 600 x', 'HTTP/1.1 999 x', 'HTTP/1.1 1000 x', 'HTTP/2.0 200 OK', 'HTTP/1.2 200 OK', 'HTTP/0.9 200 OK',
  'ICY 200 OK', 'http/1.1 200 OK', 'HTTP/1.1200 OK', 'HTTP/1.1  200 OK', 'HTTP/1.1 -200 OK', 'HTTP/1.1 2OO OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1 200 a\0b', 'HTTP/1.1 200 a\x01b', 'HTTP/1.1 200 \x7f',
  'HTTP/1.1 200 \xe9', 'HTTP/1.1 200 a\rb', 'HTTP/1.1 200 a\nX: y', 'HTTP/1.1 101 Switching', 'HTTP/1.1 100 Continue', 'HTTP/1.1 199 x', ' HTTP/1.1 200 OK', '\r\nHTTP/1.1 200 OK', 'HTTP/1.1 200', '',
]; // prettier-ignore

const HARMLESS = [
  'Content-Type: text/plain', 'Set-Cookie: a=1', 'Set-Cookie: b=2', 'Connection: keep-alive', 'Connection: keep-alive, X-Named', 'X-Named: n', 'Keep-Alive: timeout=1', 'Keep-Alive: timeout=0', 'Proxy-Authenticate: evil',
  'X-Edge-Fuzz: evil', 'Trailer: X-Trailer', 'Upgrade: h2c', 'X-High: \xe9', 'X-Empty:', 'Date: Thu, 01 Jan 1970 00:00:00 GMT', 'Retry-After: 1', 'X-Request-ID: evil', 'Location: http://elsewhere.test/', 'Via: 1.1 up', 'ETag: "x"',
]; // prettier-ignore

const AMBIGUOUS = [
  'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked, gzip', 'Transfer-Encoding: identity', 'Transfer-Encoding: xchunked', 'Transfer-Encoding : chunked', 'Transfer-Encoding:\r\n chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'Transfer-Encoding:', 'X: y\nTransfer-Encoding: chunked', 'Content-Length: 0', 'Content-Length: 3', 'Content-Length: +3', 'Content-Length: -3', 'Content-Length: 0x3', 'Content-Length: 3, 3', 'Content-Length: 3,4',
  'Content-Length: 3\r\nContent-Length: 4', 'Content-Length:', 'Content-Length : 3', 'Content-Length: 18446744073709551617', 'Content-Length: 99999', 'Connection: close', 'Connection: content-length', 'Connection: transfer-encoding',
  'X-Nul: a\0b', 'X-Bell: a\x07b', 'X-Del: a\x7fb', 'X-\xe9: x', ': x', 'nocolon', ' folded', 'X-Cr: a\rb', 'X-Lf: a\nb', `X-Long: ${'l'.repeat(30_000)}`, 'X-Many: m\r\n'.repeat(300).trimEnd(), 'Upgrade: websocket\r\nConnection: Upgrade',
]; // prettier-ignore

const INTERIM = [
  'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n', 'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n', 'HTTP/1.1 199 x\r\n\r\n',
]; // prettier-ignore

type Kind = { isOdd: boolean; method: string };

/** An answer to a request with this method, framed as it should be. */
export function soundAnswer(random: Random, token: string, method: string): string {
  return answer(random, token, { isOdd: false, method });
}

/** The same with something about it that no client may take for an answer, or that it might take for another one. */
export function oddAnswer(random: Random, token: string, method: string): string {
  return answer(random, token, { isOdd: true, method });
}

/** What an upstream sends after a whole answer, for somebody else to take as theirs. */
export function surplus(random: Random, token: string): string {
  return random.pick([
    'x', '\r\n', '0\r\n\r\n', token.repeat(20),
    `HTTP/1.1 200 OK\r\n${SENT_FOR}: ${token}\r\nContent-Length: 20\r\n\r\n${token.padEnd(20, '!')}`,
    `HTTP/1.1 200 OK\r\n${SENT_FOR}: ${token}\r\nContent-Length: 99999\r\n\r\n${token}`, 'HTTP/1.1 100 Continue\r\n\r\n',
  ]); // prettier-ignore
}

function answer(random: Random, token: string, { isOdd, method }: Kind): string {
  const statusLine = isOdd && random.chance(0.3) ? random.pick(ODD_STATUS_LINES) : random.pick(STATUS_LINES);
  const fields = [`${SENT_FOR}: ${token}`];
  for (let more = random.int(4); more > 0; more--) fields.push(random.pick(HARMLESS));
  const hasNoBody = / (204|304)/.test(statusLine);
  let body = hasNoBody ? '' : bodyText(random, token, `HTTP/1.1 200 OK\r\n${SENT_FOR}: ${token}\r\n\r\n`);
  const framing = random.pick(['length', 'length', 'chunked', 'chunked', 'close'] as const);
  if (framing === 'length' && !hasNoBody) fields.push(`Content-Length: ${body.length}`);
  if (framing === 'chunked' && !hasNoBody && statusLine.startsWith('HTTP/1.1')) {
    fields.push('Transfer-Encoding: chunked');
    body = chunked(random, body);
    if (isOdd && random.chance(0.4)) body = brokenChunks(random, body);
  }
  if (isOdd && random.chance(0.6)) fields.splice(random.int(fields.length + 1), 0, random.pick(AMBIGUOUS));
  if (method === 'HEAD' && !(isOdd && random.chance(0.3))) body = '';
  const interim = random.chance(0.1) ? random.pick(INTERIM).repeat(1 + random.int(2)) : '';
  return `${interim}${[statusLine, ...fields].join('\r\n')}\r\n\r\n${body}`;
}
