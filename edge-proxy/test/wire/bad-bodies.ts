import { request } from './wire-under-test.ts';

/** A chunked body that goes wrong after its first bytes; what follows it is never a request. */
export type BadBody = readonly [name: string, body: string];

const GOOD = '3\r\nabc\r\n';

export const BAD_BODIES: readonly BadBody[] = [
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '-1\r\nhello\r\n0\r\n\r\n'],
  ['a size with a plus', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a size of two numbers', '5 5\r\nhello\r\n0\r\n\r\n'],
  ['an empty size', '\r\nhello\r\n0\r\n\r\n'],
  ['a size that is a letter', 'g\r\nhello\r\n0\r\n\r\n'],
  ['a size before a space', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a size before a tab', '\t5\r\nhello\r\n0\r\n\r\n'],
  ['a size with an underscore', '5_0\r\nhello\r\n0\r\n\r\n'],
  ['a size of more than 64 bits', 'FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n'],
  ['a size of 2^64 + 5', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['a NUL in a size', '5\0\r\nhello\r\n0\r\n\r\n'],
  ['a bare LF after a size', '5\nhello\r\n0\r\n\r\n'],
  ['a bare CR after a size', '5\rhello\r\n0\r\n\r\n'],
  ['no CR LF after the data', '5\r\nhello0\r\n\r\n'],
  ['a bare LF after the data', '5\r\nhello\n0\r\n\r\n'],
  ['two bytes too many', '5\r\nhelloxx\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '5;a\nhello\r\n0\r\n\r\n'],
  ['a bare LF in the value of an extension', '5;a=b\nhello\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['a NUL in an extension', '5;a\0\r\nhello\r\n0\r\n\r\n'],
  ['an extension without a name', '5;\0=a\r\nhello\r\n0\r\n\r\n'],
  ['an extension of 20 KB', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`],
  ['a bare LF after the last chunk', '0\n\r\n'],
  ['a bare LF at the end', '0\r\n\n'],
  ['a request in place of the last line', '0\r\n'],
  ['a trailer with a space before its colon', '0\r\nX : a\r\n\r\n'],
  ['a trailer with a NUL', '0\r\nX: a\0\r\n\r\n'],
  ['a folded trailer', '0\r\nX: a\r\n b\r\n\r\n'],
  ['a trailer that ends with LF', '0\r\nX: a\n\r\n'],
  ['a length as a trailer', '0\r\nContent-Length: 100\r\n\r\n'],
  ['trailers of 20 KB', `0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
];

/** The whole request, with a sound chunk first. */
export const withBadBody = (body: string): string =>
  request('POST', '/bad-body', 'Transfer-Encoding: chunked') + GOOD + body;
