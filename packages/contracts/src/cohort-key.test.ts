import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { GoldenFile } from '../golden/nginx-split.ts';
import cohortKey from './cohort-key.js';

const golden = JSON.parse(readFileSync(new URL('../golden/vectors.json', import.meta.url), 'utf8')) as GoldenFile;
const ADDRESS = '127.0.0.1';

test.each(golden.vectors.filter((vector) => 'key' in vector).map((vector) => [vector.shows, vector] as const))(
  'Node reads the key that Nginx read: %s',
  (_shows, { authorization, key }) => {
    expect(cohortKey.claimOf(authorization, 'sub') || ADDRESS).toBe(key);
  },
);

test('several headers have no key: who of them is meant cannot be known', () => {
  const { authorization } = golden.vectors.find((vector) => vector.shows === 'two headers')!;
  expect(cohortKey.claimOf(authorization, 'sub')).toBe('');
});

test('members of every object are no claims', () => {
  const token = `Bearer e.${Buffer.from('{"sub":"7"}').toString('base64url')}.s`;
  for (const claim of ['toString', 'constructor', '__proto__']) expect(cohortKey.claimOf([token], claim)).toBe('');
});
