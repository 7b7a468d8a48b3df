import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bearerClaims } from './bearer-claims.ts';
import { readAnswer, unpack } from './decode-answer.ts';

const JSON_TEXT = '{"name":"Kniebeuge – tief"}';
const JSON_TYPE = ['Content-Type', 'application/json; charset=utf-8'];

async function read(headers: string[], body: Buffer, maxBytes = 1000) {
  const unpacked = await unpack({ status: 200, headers, body }, maxBytes);
  return typeof unpacked === 'string' ? unpacked : readAnswer(unpacked);
}

test.each<[string, Buffer]>([
  ['identity', Buffer.from(JSON_TEXT)],
  ['gzip', gzipSync(JSON_TEXT)],
  ['GZip', gzipSync(JSON_TEXT)],
  ['deflate', deflateSync(JSON_TEXT)],
  ['br', brotliCompressSync(JSON_TEXT)],
  ['zstd', zstdCompressSync(JSON_TEXT)],
])('%s', async (coding, body) => {
  const answer = await read([...JSON_TYPE, 'Content-Encoding', coding], body);
  expect(answer).toMatchObject({ status: 200, body: { name: 'Kniebeuge – tief' }, text: JSON_TEXT, digest: undefined });
});

test.each<[string, string[], Buffer, object | string]>([
  ['grows beyond the bound', ['Content-Encoding', 'gzip'], gzipSync(Buffer.alloc(1_000_000)), 'too-large'],
  ['an unknown coding', ['Content-Encoding', 'gzip, br'], Buffer.from('x'), 'unreadable'],
  [
    'not what its coding says',
    [...JSON_TYPE, 'Content-Encoding', 'gzip'],
    Buffer.from('x'),
    { body: undefined, text: undefined, digest: undefined },
  ],
  ['no body in a coding', ['Content-Encoding', 'gzip'], Buffer.alloc(0), { body: undefined, text: '' }],
  ['no JSON after all', JSON_TYPE, Buffer.from('{'), { body: undefined, text: '{' }],
  ['another type', ['Content-Type', 'text/plain'], Buffer.from('{}'), { body: undefined, text: '{}' }],
  ['a problem', ['content-type', 'application/problem+json'], Buffer.from('{"a":1}'), { body: { a: 1 } }],
  ['no text', [], Buffer.from([0xff, 0xfe]), { text: undefined, digest: expect.stringMatching(/^[\da-f]{64}$/) }],
  ['a repeated field', ['Vary', 'a', 'vary', 'b', '__proto__', 'x'], Buffer.from(''), { headers: { vary: 'a, b' } }],
])('%s', async (_what, headers, body, expected) => {
  const answer = await read(headers, body);
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  [
    `Bearer ${part({ alg: 'x' })}.${part({ sub: 'ü', zoneinfo: 'Asia/Tokyo' })}.sig`,
    { sub: 'ü', zoneinfo: 'Asia/Tokyo' },
  ],
  [`bearer  a.${part({ sub: 'a' })}.`, { sub: 'a' }],
  [`Bearer a.${part('text')}.c`, undefined],
  [`Bearer a.${part(null)}.c`, undefined],
  ['Bearer a.b.c', undefined],
  ['Basic a.b.c', undefined],
  ['', undefined],
  [undefined, undefined],
])('the claims of %s', (authorization, expected) => {
  expect(bearerClaims(authorization)).toEqual(expected);
});
