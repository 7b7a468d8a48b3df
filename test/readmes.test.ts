import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from './running-stack.ts';

/** Whatever a README lists exists: the targets of its links, and the paths in the first column of its tables. */
const readmes = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('README.md') && !/node_modules|^\.data/.test(file))
  .map((file) => join(ROOT, file));

describe.each(readmes.map((file) => [relative(ROOT, file), file] as const))('%s', (_name, file) => {
  const text = readFileSync(file, 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
  const listed = [...text.matchAll(/^\| `([\w.-]+(?:\/[\w.-]*)+|[\w.-]+\.(?:ts|js|mjs|json|yaml))`/gm)].map(
    (match) => match[1]!,
  );

  test('lists only what exists', () => {
    const missing = [...links, ...listed].filter((path) => !existsSync(join(dirname(file), path)));
    expect(missing).toEqual([]);
  });
});

test('every folder with code has a README', () => {
  const folders = ['edge-proxy', 'coach-service', 'legacy-monolith', 'loadtest', 'scripts', 'packages/contracts'];
  folders.push(
    'packages/service-kit',
    'packages/test-kit',
    'packages/tracing',
    'deploy',
    'deploy/kubernetes',
    'deploy/observe',
    'nginx',
    'demo',
    'docker',
    'examples',
    'examples/your-own-app',
    'docs',
    'docs/adr',
    'test',
    '.',
  );
  expect(folders.filter((folder) => !existsSync(join(ROOT, folder, 'README.md')))).toEqual([]);
});
