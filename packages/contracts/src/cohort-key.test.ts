import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { GoldenFile } from '../golden/golden-headers.ts';
import cohortKey from './cohort-key.js';

const golden = JSON.parse(readFileSync(new URL('../golden/vectors.json', import.meta.url), 'utf8')) as GoldenFile;
const ADDRESS = '127.0.0.1';

const ofToken = (authorization: readonly string[], claim = 'sub') =>
  cohortKey.keyOf(
    'claim',
    claim,
    authorization.flatMap((value) => ['Authorization', value]),
    ADDRESS,
  );

test.each(golden.vectors.filter((vector) => 'key' in vector).map((vector) => [vector.shows, vector] as const))(
  'Node reads the key that Nginx read: %s',
  (_shows, { authorization, key }) => {
    expect(ofToken(authorization)).toBe(key);
  },
);

test('several tokens have no key: who of them is meant cannot be known', () => {
  const { authorization } = golden.vectors.find((vector) => vector.shows === 'two headers')!;
  expect(ofToken(authorization)).toBe(ADDRESS);
});

test('members of every object are no claims', () => {
  const token = `Bearer e.${Buffer.from('{"sub":"7"}').toString('base64url')}.s`;
  for (const claim of ['toString', 'constructor', '__proto__']) expect(ofToken([token], claim)).toBe(ADDRESS);
});

test.each([
  ['header', 'x-tenant', ['X-Tenant', 'acme'], 'acme'],
  ['header', 'x-tenant', ['x-tenant', ' \tacme gym\t '], 'acme gym'],
  ['header', 'x-tenant', ['x-tenant', 'first', 'X-TENANT', 'second'], 'first'],
  ['header', 'x-tenant', ['x-tenant', ''], ADDRESS],
  ['header', 'x-tenant', ['x-tenant', 'j\u00fcrgen'], ADDRESS],
  ['header', 'x-tenant', ['x-tenants', 'acme'], ADDRESS],
  ['header', 'x-tenant', [], ADDRESS],
  ['cookie', 'sid', ['Cookie', 'sid=7'], '7'],
  ['cookie', 'sid', ['cookie', 'a=1; sid = 7 ; b=2'], '7'],
  ['cookie', 'sid', ['cookie', 'a=1', 'cookie', 'sid=7'], '7'],
  ['cookie', 'sid', ['cookie', 'sid=7; sid=8'], '7'],
  ['cookie', 'sid', ['cookie', 'sid=a=b'], 'a=b'],
  ['cookie', 'sid', ['cookie', 'SID=7; xsid=8; sid'], ADDRESS],
  ['cookie', 'sid', ['cookie', 'sid='], ADDRESS],
  ['cookie', 'sid', ['cookie', 'sid=\u00e9'], ADDRESS],
] as const)('%s %s of %j is %s', (kind, name, headers, key) => {
  expect(cohortKey.keyOf(kind, name, headers, ADDRESS)).toBe(key);
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['::ffff:1', '::ffff:1'],
  ['2001:db8::1', '2001:db8::1'],
])('without a key %s is the client %s', (address, key) => {
  expect(cohortKey.keyOf('claim', 'sub', [], address)).toBe(key);
});
