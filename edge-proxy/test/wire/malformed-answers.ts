/** Bytes of an upstream that are no answer, or one that could be read in two ways. */
export type MalformedAnswer = readonly [name: string, bytes: string];

const answer = (...fields: string[]) => `${['HTTP/1.1 200 OK', ...fields].join('\r\n')}\r\n\r\n`;
const line = (start: string) => `${start}\r\nContent-Length: 5\r\n\r\nhello`;
const CHUNKED = 'Transfer-Encoding: chunked';
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';

/** Refused before anything went to the client: 502. */
export const BAD_HEADS: readonly MalformedAnswer[] = [
  ['length, then coding', answer('Content-Length: 5', CHUNKED) + CHUNKS],
  ['coding, then length', answer(CHUNKED, 'Content-Length: 5') + CHUNKS],
  ['two lengths', `${answer('Content-Length: 5', 'Content-Length: 6')}hello`],
  ['one length twice', `${answer('Content-Length: 5', 'Content-Length: 5')}hello`],
  ['a list of one length', `${answer('Content-Length: 5, 5')}hello`],
  ['a list of two lengths', `${answer('Content-Length: 5, 6')}hello`],
  ['a plus', `${answer('Content-Length: +5')}hello`],
  ['a minus', `${answer('Content-Length: -5')}hello`],
  ['hexadecimal', `${answer('Content-Length: 0x5')}hello`],
  ['letters behind', `${answer('Content-Length: 5a')}hello`],
  ['an empty length', `${answer('Content-Length:')}hello`],
  ['2^64', `${answer('Content-Length: 18446744073709551616')}hello`],
  ['gzip alone', `${answer('Transfer-Encoding: gzip')}hello`],
  ['gzip below chunked', answer('Transfer-Encoding: gzip, chunked') + CHUNKS],
  ['identity', `${answer('Transfer-Encoding: identity')}hello`],
  ['chunked twice in a list', answer('Transfer-Encoding: chunked, chunked') + CHUNKS],
  ['chunked twice', answer(CHUNKED, CHUNKED) + CHUNKS],
  ['a longer name', answer('Transfer-Encoding: xchunked') + CHUNKS],
  ['a parameter', answer('Transfer-Encoding: chunked;q=1') + CHUNKS],
  ['a folded value', `${answer('X: a', ' b', 'Content-Length: 5')}hello`],
  ['a space before the colon', `${answer('Content-Length : 5')}hello`],
  ['a space in a name', `${answer('X Y: a', 'Content-Length: 5')}hello`],
  ['no colon', `${answer('X', 'Content-Length: 5')}hello`],
  ['lines that end with LF', 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'],
  ['one line that ends with LF', 'HTTP/1.1 200 OK\r\nX: a\nContent-Length: 5\r\n\r\nhello'],
  ['an empty line that is LF', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\nhello'],
  ['a bare CR in a value', `${answer('X: a\rb', 'Content-Length: 5')}hello`],
  ['a NUL in a value', `${answer('X: a\0b', 'Content-Length: 5')}hello`],
  ['a NUL in a name', `${answer('X\0: a', 'Content-Length: 5')}hello`],
  ['no status line', 'hello'],
  ['a request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['HTML', '<html><body>It works</body></html>\r\n\r\n'],
  ['a banner of SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['bytes of TLS', '\x15\x03\x01\x00\x02\x02\x46'],
  ['HTTP/9.9', line('HTTP/9.9 200 OK')],
  ['no version', line('HTTP/ 200 OK')],
  ['ICY', line('ICY 200 OK')],
  ['the status 000', line('HTTP/1.1 000 x')],
  ['the status 099', line('HTTP/1.1 099 x')],
  ['the status 99', line('HTTP/1.1 99 x')],
  ['the status 600', line('HTTP/1.1 600 x')],
  ['the status 999', line('HTTP/1.1 999 x')],
  ['the status 1000', line('HTTP/1.1 1000 x')],
  ['a negative status', line('HTTP/1.1 -200 x')],
  ['a status of letters', line('HTTP/1.1 abc x')],
  ['no status', line('HTTP/1.1 OK')],
  ['an unasked 101', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['an unasked 101 without its fields', 'HTTP/1.1 101 x\r\n\r\n'],
  ['a head of 100 KB', `${answer(`X: ${'a'.repeat(100_000)}`, 'Content-Length: 5')}hello`],
  [
    'a head of 10,000 fields',
    `${answer(...Array.from({ length: 10_000 }, (_, at) => `X-${at}: a`), 'Content-Length: 5')}hello`,
  ],
];

/** Sound at first: the client has the beginning, then the connection is cut. */
export const BAD_CONTENTS: readonly MalformedAnswer[] = [
  ['a size with 0x', '0x5\r\nworld\r\n0\r\n\r\n'],
  ['a negative size', '-1\r\nworld\r\n0\r\n\r\n'],
  ['a size of two numbers', '5 5\r\nworld\r\n0\r\n\r\n'],
  ['an empty size', '\r\nworld\r\n0\r\n\r\n'],
  ['a size that is a letter', 'g\r\nworld\r\n0\r\n\r\n'],
  ['a size of more than 64 bits', 'FFFFFFFFFFFFFFFFF\r\nworld\r\n0\r\n\r\n'],
  ['a bare LF after a size', '5\nworld\r\n0\r\n\r\n'],
  ['no CR LF after the data', '5\r\nworld0\r\n\r\n'],
  ['a bare LF after the data', '5\r\nworld\n0\r\n\r\n'],
  ['two bytes too many', '5\r\nworldxx\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '5;a\nworld\r\n0\r\n\r\n'],
  ['a NUL in an extension', '5;a\0\r\nworld\r\n0\r\n\r\n'],
  ['a bare LF at the end', '0\r\n\n'],
  ['a trailer with a space before its colon', '0\r\nX : a\r\n\r\n'],
  ['a trailer with a NUL', '0\r\nX: a\0\r\n\r\n'],
  ['an answer in place of the last line', '0\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld'],
];

/** The beginning of the answers of `BAD_CONTENTS`. */
export const GOOD_BEGINNING = `${answer(CHUNKED)}5\r\nhello\r\n`;
