import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');

test.each(['SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])('every path that %s names is there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const named = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`|\]\((?!https?:|#)([^)#]+)\)/g)];
  // What commands write is there only after them.
  const paths = named.map(([, code, link]) => code ?? link ?? '').filter((path) => !path.startsWith('.data/'));
  expect(paths.length).toBeGreaterThan(0);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
