import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { billOfMaterials } from './bill-of-materials.ts';
import { DELIVERED } from './delivered.ts';
import { licencesPage, licensedPackages, refused } from './licences.ts';
import { neededBy, neededByAll, readLockFile } from './lock-file.ts';
import type { LockFile } from './lock-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const lock = readLockFile(ROOT);
const locked = Object.entries(lock.packages).filter(([folder, { link }]) => folder.includes('node_modules/') && !link);

describe('the lock file', () => {
  test('has a SHA-512 of every package of others', () => {
    expect(locked.length).toBeGreaterThan(100);
    const without = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(without.map(([folder]) => folder)).toEqual([]);
  });

  test('names no source but the registry that npm is set up with', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([folder]) => folder)).toEqual([]);
    const asked = Object.values(lock.packages).flatMap(({ dependencies, optionalDependencies }) =>
      Object.entries({ ...dependencies, ...optionalDependencies }),
    );
    expect(asked.filter(([, range]) => /[:/]/.test(range) && !range.startsWith('npm:'))).toEqual([]);
  });
});

/** The oldest version without a weakness that matters to what we do with it. */
const SOUND_SINCE = {
  httpxy: [0, 5, 5], // CVE-2026-55602, CVE-2026-55603
  'path-to-regexp': [8, 4, 0],
  qs: [6, 14, 1],
  undici: [8, 10, 1], // GHSA-35p6-xmwp-9g52, GHSA-8xcm-r25x-g524
} as const;

test.each(Object.entries(SOUND_SINCE))('delivers no %s before %j', (name, since) => {
  const delivered = neededByAll(lock, Object.values(DELIVERED).flat()).filter((each) => each.name === name);
  expect(delivered).not.toEqual([]);
  expect(delivered.filter(({ version }) => isBefore(version.split('.').map(Number), since))).toEqual([]);
});

test('renovate finds each program that .ci/run builds', () => {
  const { customManagers } = JSON.parse(readFileSync(join(ROOT, 'renovate.json'), 'utf8')) as {
    customManagers: { matchStrings: string[] }[];
  };
  const text = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
  const found = [...text.matchAll(new RegExp(customManagers[0]!.matchStrings[0]!, 'g'))];
  expect(found.map(([whole]) => whole)).toEqual(text.match(/^\w+=.+@v.+$/gm));
  expect(found.map(({ groups }) => groups!['depName'])).toContain('go.k6.io/k6');
});

describe('licences', () => {
  test('docs/licences.md is what the lock file says; `npm run sbom` writes it', () => {
    expect(readFileSync(join(ROOT, 'docs', 'licences.md'), 'utf8')).toBe(licencesPage(lock));
  });

  test('of everything delivered are allowed', () => {
    expect(refused(licensedPackages(lock))).toEqual([]);
  });

  test.each([
    ['GPL-3.0-only', false],
    ['none', false],
    ['MPL-2.0', false],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND GPL-3.0-only', false],
    ['MIT AND ISC', true],
  ])('%s is allowed: %s', (licence, isAllowed) => {
    const packages = [{ name: 'a', versions: ['1.0.0'], licence, deliveredIn: ['edge-proxy'] }];
    expect(refused(packages)).toHaveLength(isAllowed ? 0 : 1);
  });
});

describe('what a workspace needs', () => {
  const small: LockFile = {
    lockfileVersion: 3,
    packages: {
      'service/page': { name: '@fit/page', version: '1.0.0', dependencies: { a: '1' } },
      service: { name: '@fit/service', version: '1.0.0', dependencies: { '@fit/kit': '1', a: '1' } },
      'packages/kit': { name: '@fit/kit', version: '1.0.0', optionalDependencies: { b: '1', absent: '1' } },
      'node_modules/@fit/kit': { link: true, resolved: 'packages/kit' },
      'service/node_modules/a': { version: '2.0.0', peerDependencies: { c: '1', d: '1' }, ...optionalPeer('d') },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': {
        version: '1.0.0',
        integrity: `sha512-${Buffer.from('b').toString('base64')}`,
        license: 'MIT',
      },
      'node_modules/c': { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/d': { version: '1.0.0' },
    },
  };

  test('is found as Node finds it: the nearest one, links followed, peers unless optional, missing options left out', () => {
    expect(neededBy(small, 'service').map(({ folder, isOptional }) => [folder, isOptional])).toEqual([
      ['node_modules/b', false],
      ['node_modules/c', false],
      ['packages/kit', false],
      ['service', false],
      ['service/node_modules/a', false],
    ]);
    expect(neededBy(small, 'packages/kit').map(({ folder, isOptional }) => [folder, isOptional])).toEqual([
      ['node_modules/b', true],
      ['packages/kit', false],
    ]);
  });

  test('fails by name where the lock file lacks it', () => {
    expect(() => neededBy({ ...small, packages: { service: small.packages['service'] ?? {} } }, 'service')).toThrow(
      'package-lock.json lacks "@fit/kit", which "service" needs',
    );
  });

  test('becomes a bill with hashes, licences and the graph', () => {
    const bill = billOfMaterials(
      { name: '@fit/service', version: '1.0.0' },
      neededByAll(small, ['service', 'service/page']),
    );
    expect(bill.components.map((component) => component['bom-ref'])).toEqual([
      'pkg:npm/%40fit/kit@1.0.0',
      'pkg:npm/%40fit/page@1.0.0',
      'pkg:npm/a@2.0.0',
      'pkg:npm/b@1.0.0',
      'pkg:npm/c@1.0.0',
    ]);
    expect(bill.components[3]).toMatchObject({
      hashes: [{ alg: 'SHA-512', content: '62' }],
      licenses: [{ license: { id: 'MIT' } }],
      scope: 'required',
    });
    expect(bill.dependencies[0]).toEqual({
      ref: 'pkg:npm/%40fit/service@1.0.0',
      dependsOn: ['pkg:npm/%40fit/kit@1.0.0', 'pkg:npm/%40fit/page@1.0.0', 'pkg:npm/a@2.0.0'],
    });
  });
});

test.each(Object.entries(DELIVERED))('the bill of %s knows everything that it refers to, once', (_name, workspaces) => {
  const dependents = neededByAll(lock, workspaces);
  const subject = dependents.find(({ folder }) => folder === workspaces[0]);
  const bill = billOfMaterials(subject ?? { name: '', version: '' }, dependents);
  const refs = [bill.metadata.component, ...bill.components].map((component) => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  expect(new Set(bill.dependencies.map(({ ref }) => ref))).toEqual(new Set(refs));
  expect(bill.dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !refs.includes(ref))).toEqual([]);
});

function isBefore(version: readonly number[], since: readonly number[]): boolean {
  const differs = since.findIndex((part, at) => part !== version[at]);
  return differs !== -1 && version[differs]! < since[differs]!;
}

function optionalPeer(name: string) {
  return { peerDependenciesMeta: { [name]: { optional: true } } };
}
