import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownPackage } from './own-package.ts';

const app = mkdtempSync(join(tmpdir(), 'own-package-'));
const edge = { name: 'edge-proxy', version: '1.2.3' };
const around = { name: 'my-app', version: '9.9.9' };

beforeAll(() => {
  write('package.json', JSON.stringify(around));
  write('node_modules/@fit/edge-proxy/package.json', JSON.stringify({ ...edge, name: '@fit/edge-proxy' }));
  write('node_modules/@fit/edge-proxy/src/edge.ts', '');
  write('main.ts', '');
  mkdirSync(join(app, 'node_modules/.bin'));
  symlinkSync('../@fit/edge-proxy/src/edge.ts', join(app, 'node_modules/.bin/edge'));
});
afterAll(() => rmSync(app, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(app, file)), { recursive: true });
  writeFileSync(join(app, file), text);
}

test.each([
  ['its file', 'node_modules/@fit/edge-proxy/src/edge.ts', edge],
  ['the link that npm made, which lies in another package', 'node_modules/.bin/edge', edge],
  ['a file of the application', 'main.ts', around],
])('a program started by %s has the name and version of its own package', (_how, program, expected) => {
  expect(ownPackage(join(app, program))).toEqual(expected);
});

test.each([
  ['a shell', undefined],
  ['a script of the command line with an argument', join(app, 'word')],
])('%s is node itself', (_what, program) => {
  expect(ownPackage(program)).toEqual({ name: 'node', version: undefined });
});
