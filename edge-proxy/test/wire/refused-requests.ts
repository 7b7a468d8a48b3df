import { get, post, request } from './wire-under-test.ts';

/** A request that is refused, with 400 unless it says otherwise, and the end of its connection, before anything of it reaches an upstream. */
export type RefusedRequest = readonly [name: string, bytes: string, status?: number];

const CHUNKED = 'Transfer-Encoding: chunked';
const EMPTY_CHUNKS = '0\r\n\r\n';
const coded = (...fields: string[]) => request('POST', '/refused', ...fields) + EMPTY_CHUNKS;
const sized = (...fields: string[]) => `${request('POST', '/refused', ...fields)}abcde`;
/** A head whose lines end as they are written. */
const literal = (bytes: string): string => bytes;

export const AMBIGUOUS_LENGTH: readonly RefusedRequest[] = [
  ['length, then coding', coded('Content-Length: 5', CHUNKED)],
  ['coding, then length', coded(CHUNKED, 'Content-Length: 5')],
  ['coding and no length', coded(CHUNKED, 'Content-Length: 0')],
  ['one length twice', sized('Content-Length: 5', 'Content-Length: 5')],
  ['two lengths', sized('Content-Length: 5', 'Content-Length: 0')],
  ['two lengths in other cases', sized('content-length: 0', 'CONTENT-LENGTH: 5')],
  ['a plus', sized('Content-Length: +5')],
  ['a minus', sized('Content-Length: -5')],
  ['hexadecimal', sized('Content-Length: 0x5')],
  ['a list of one length', sized('Content-Length: 5, 5')],
  ['a list of two lengths', sized('Content-Length: 5,0')],
  ['a list with nothing in it', sized('Content-Length: 5,')],
  ['an empty length', sized('Content-Length:')],
  ['a length of spaces', sized('Content-Length:   ')],
  ['a space within', sized('Content-Length: 5 5')],
  ['a fraction', sized('Content-Length: 5.0')],
  ['an exponent', sized('Content-Length: 5e0')],
  ['a quoted length', sized('Content-Length: "5"')],
  ['letters behind', sized('Content-Length: 5a')],
  ['a vertical tab', sized('Content-Length: \x0b5')],
  ['a form feed behind', sized('Content-Length: 5\x0c')],
  ['2^64', sized('Content-Length: 18446744073709551616')],
  ['2^64 + 5', sized('Content-Length: 18446744073709551621')],
  ['forty digits', sized(`Content-Length: ${'9'.repeat(40)}`)],
  ['a length that wants another name for the colon', sized('Content-Length 5')],
  ['an underscore name next to a coding', coded('Content-Length: 5', 'Transfer_Encoding: chunked', CHUNKED)],
];

export const AMBIGUOUS_CODING: readonly RefusedRequest[] = [
  ['chunked twice in a list', coded('Transfer-Encoding: chunked, chunked')],
  ['gzip below chunked', coded('Transfer-Encoding: gzip, chunked')],
  ['chunked below gzip', coded('Transfer-Encoding: chunked, gzip')],
  ['gzip alone', coded('Transfer-Encoding: gzip')],
  ['identity', coded('Transfer-Encoding: identity')],
  ['identity, chunked', coded('Transfer-Encoding: identity, chunked')],
  ['a longer name', coded('Transfer-Encoding: xchunked')],
  ['a name that begins so', coded('Transfer-Encoding: chunkedx')],
  ['a parameter', coded('Transfer-Encoding: chunked;q=1')],
  ['a quoted name', coded('Transfer-Encoding: "chunked"')],
  ['an empty coding', coded('Transfer-Encoding:')],
  ['a comma before', coded('Transfer-Encoding: ,chunked')],
  ['a comma behind', coded('Transfer-Encoding: chunked,')],
  ['a vertical tab', coded('Transfer-Encoding: \x0bchunked')],
  ['a form feed behind', coded('Transfer-Encoding: chunked\x0c')],
  ['a NUL behind', coded('Transfer-Encoding: chunked\0')],
  ['a Kelvin sign', coded('Transfer-Encoding: chun\xe2\x84\xaaed')],
  ['the field twice', coded(CHUNKED, CHUNKED)],
  ['the field twice, identity first', coded('Transfer-Encoding: identity', CHUNKED)],
  ['the field twice, the second one unknown', coded(CHUNKED, 'Transfer-Encoding: x')],
  ['chunked in HTTP/1.0', literal(`POST /refused HTTP/1.0\r\nHost: a\r\n${CHUNKED}\r\n\r\n${EMPTY_CHUNKS}`)],
  ['chunked on a folded line', coded('Transfer-Encoding:', ' chunked')],
  ['chunked after a folded line', coded('X: a', ' b', CHUNKED)],
  ['a space before its colon', coded('Transfer-Encoding : chunked')],
  ['length and a coding with a space before its colon', coded('Content-Length: 5', 'Transfer-Encoding : chunked')],
];

export const BAD_LINES: readonly RefusedRequest[] = [
  ['a folded value', get('/refused', 'X: a', ' b')],
  ['a value folded with a tab', get('/refused', 'X: a', '\tb')],
  ['a first field that begins with a space', literal('GET /refused HTTP/1.1\r\n Host: a\r\n\r\n')],
  ['a space before the colon', get('/refused', 'X : a')],
  ['a tab before the colon', get('/refused', 'X\t: a')],
  ['a space before the colon of Host', get('/refused', 'Host : a')],
  ['a space in a name', get('/refused', 'X Y: a')],
  ['no colon', get('/refused', 'X')],
  ['no name', get('/refused', ': a')],
  ['all lines end with LF', literal('GET /refused HTTP/1.1\nHost: a\n\n')],
  ['the request line ends with LF', literal('GET /refused HTTP/1.1\nHost: a\r\n\r\n')],
  ['a field ends with LF', literal('GET /refused HTTP/1.1\r\nHost: a\nX: b\r\n\r\n')],
  ['the last field ends with LF', literal('GET /refused HTTP/1.1\r\nHost: a\n\r\n')],
  ['the empty line is LF', literal('GET /refused HTTP/1.1\r\nHost: a\r\n\n')],
  ['a request line ends with CR', literal('GET /refused HTTP/1.1\rHost: a\r\n\r\n')],
  ['a field ends with CR', literal('GET /refused HTTP/1.1\r\nHost: a\rX: b\r\n\r\n')],
  ['the empty line is CR', literal('GET /refused HTTP/1.1\r\nHost: a\r\n\rX')],
  ['a CR in a value', get('/refused', 'X: a\rb')],
  ['a CR before the CR LF', get('/refused', 'X: a\r')],
  ['a CR in a name', get('/refused', 'X\rY: a')],
  ['a NUL in a name', get('/refused', 'X\0: a')],
  ['a NUL in a value', get('/refused', 'X: a\0b')],
  ['a NUL as a value', get('/refused', 'X: \0')],
  ['a DEL in a value', get('/refused', 'X: a\x7fb')],
  ['an escape in a value', get('/refused', 'X: a\x1bb')],
  ['a high byte in a name', get('/refused', 'X\xe4: a')],
  ['brackets in a name', get('/refused', 'X(y): a')],
  ['quotes in a name', get('/refused', 'X"y: a')],
  ['bytes of TLS', literal('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')],
  ['the preface of HTTP/2', literal('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['an answer', literal('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')],
  ['a PROXY line', literal('PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /refused HTTP/1.1\r\nHost: a\r\n\r\n')],
];

const line = (text: string) => `${text}\r\nHost: a\r\n\r\n`;

export const BAD_REQUEST_LINES: readonly RefusedRequest[] = [
  ['a tab before the target', line('GET\t/refused HTTP/1.1')],
  ['a tab before the version', line('GET /refused\tHTTP/1.1')],
  ['a space at the beginning', line(' GET /refused HTTP/1.1')],
  ['a space at the end', line('GET /refused HTTP/1.1 ')],
  ['no version', line('GET /refused'), 505],
  ['no target', line('GET HTTP/1.1')],
  ['an empty target', line('GET  HTTP/1.1')],
  ['HTTP/0.9', line('GET /refused HTTP/0.9'), 505],
  ['HTTP/9.9', line('GET /refused HTTP/9.9')],
  ['HTTP/2.0', line('GET /refused HTTP/2.0'), 505],
  ['HTTP/1.2', line('GET /refused HTTP/1.2')],
  ['HTTP/1', line('GET /refused HTTP/1')],
  ['HTTP/1.10', line('GET /refused HTTP/1.10')],
  ['HTTP/01.1', line('GET /refused HTTP/01.1')],
  ['a version in lower case', line('GET /refused http/1.1')],
  ['a method in lower case', line('get /refused HTTP/1.1')],
  ['an unknown method', line('FROB /refused HTTP/1.1')],
  ['a method with a NUL', line('GE\0T /refused HTTP/1.1')],
  ['a method that is none', line('G@T /refused HTTP/1.1')],
  ['a space in the target', line('GET /ref used HTTP/1.1')],
  ['a NUL in the target', line('GET /ref\0used HTTP/1.1')],
  ['a CR in the target', line('GET /ref\rused HTTP/1.1')],
  ['a form feed in the target', line('GET /ref\x0cused HTTP/1.1')],
  ['a DEL in the target', line('GET /ref\x7fused HTTP/1.1')],
  ['a high byte in the target', line('GET /ref\xffused HTTP/1.1')],
  ['UTF-8 in the target', line('GET /ref\xc3\xa4used HTTP/1.1')],
  ['a fragment', line('GET /refused#a HTTP/1.1')],
  ['no leading slash', line('GET refused HTTP/1.1')],
  ['an asterisk for GET', line('GET * HTTP/1.1')],
  ['another scheme', line('GET ftp://a/refused HTTP/1.1')],
  ['a scheme without authority', line('GET http:/refused HTTP/1.1')],
  ['an empty authority', line('GET http:///refused HTTP/1.1')],
  ['an empty authority in HTTP/1.0', 'GET http:///refused HTTP/1.0\r\n\r\n'],
  ['userinfo', line('GET http://user@a/refused HTTP/1.1')],
  ['userinfo and password', line('GET http://user:pass@a/refused HTTP/1.1')],
  ['an authority with a bad port', line('GET http://a:x/refused HTTP/1.1')],
  ['an absolute target with a fragment', line('GET http://a/refused#b HTTP/1.1')],
  ['a backslash after the authority', line('GET http://a\\@b/refused HTTP/1.1')],
];

/** Fields without which a request means something else: a `Connection` that names one is not obeyed but refused. */
const NEEDED = `accept accept-encoding accept-language authorization content-encoding content-length content-type cookie
  expect forwarded host if-match if-modified-since if-none-match if-range if-unmodified-since origin range traceparent
  transfer-encoding via x-forwarded-for x-forwarded-host x-forwarded-proto x-request-id`.split(/\s+/);

export const NEEDED_FIELDS_AS_OPTIONS: readonly RefusedRequest[] = [
  ...NEEDED.map((name): RefusedRequest => [name, get('/refused', `Connection: ${name}`)]),
  ['AUTHORIZATION in a list', get('/refused', 'Connection: keep-alive, AUTHORIZATION', 'Authorization: a')],
  ['cookie without a space', get('/refused', 'Connection: close,cookie', 'Cookie: a=b')],
  ['host with tabs', get('/refused', 'Connection: \tclose\t,\thost\t')],
  ['authorization in a second Connection', get('/refused', 'Connection: close', 'Connection: authorization')],
  ['content-length of a body', post('/refused', 'abc', 'Connection: content-length')],
  ['transfer-encoding of a body', coded(CHUNKED, 'Connection: transfer-encoding')],
];

const host = (value: string): string => get('/refused', `Host:${value}`);

export const BAD_HOSTS: readonly RefusedRequest[] = [
  ['none', 'GET /refused HTTP/1.1\r\n\r\n'],
  ['none, but an absolute target', 'GET http://a/refused HTTP/1.1\r\n\r\n'],
  ['the same twice', get('/refused', 'Host: a', 'Host: a')],
  ['two', get('/refused', 'Host: a', 'Host: b')],
  ['two in HTTP/1.0', 'GET /refused HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['two, the first one empty', get('/refused', 'Host:', 'Host: b')],
  ['two, in other cases', get('/refused', 'HOST: a', 'host: a')],
  ['two, with an absolute target', 'GET http://a/refused HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['an empty one', host('')],
  ['a path', host(' a/b')],
  ['a query', host(' a?b')],
  ['a fragment', host(' a#b')],
  ['userinfo', host(' user@a')],
  ['userinfo and password', host(' user:pass@a')],
  ['a list', host(' a, b')],
  ['a space', host(' a b')],
  ['a tab', host(' a\tb')],
  ['a backslash', host(' a\\b')],
  ['quotes', host(' "a"')],
  ['a scheme', host(' http://a')],
  ['angle brackets', host(' <a>')],
  ['a percent sign', host(' a%00')],
  ['a high byte', host(' \xe4')],
  ['a bad port', host(' a:b')],
  ['a port of six digits', host(' a:123456')],
  ['two ports', host(' a:1:2')],
  ['an open bracket', host(' [::1')],
  ['brackets around a name', host(' [a]')],
  ['a bad one with a sound absolute target', 'GET http://a/refused HTTP/1.1\r\nHost: a/b\r\n\r\n'],
];

export const REFUSED_REQUESTS: readonly RefusedRequest[] = [
  ...AMBIGUOUS_LENGTH,
  ...AMBIGUOUS_CODING,
  ...BAD_LINES,
  ...BAD_REQUEST_LINES,
  ...NEEDED_FIELDS_AS_OPTIONS,
  ...BAD_HOSTS,
];
