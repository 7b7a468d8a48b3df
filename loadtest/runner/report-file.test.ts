import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mustBeWritable, writeReport } from './report-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadtest-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a page that can be written is neither made nor changed beforehand', () => {
  const fresh = join(folder, 'fresh.html');
  mustBeWritable(fresh);
  expect(existsSync(fresh)).toBe(false);
  const old = join(folder, 'old.html');
  writeFileSync(old, 'old');
  mustBeWritable(old);
  expect(readFileSync(old, 'utf8')).toBe('old');
});

test.each([
  ['none/page.html', /^--report must be a file that can be written: ENOENT/],
  ['.', /^--report must be a file that can be written: EISDIR/],
])('%s cannot be written: wrong usage beforehand, one line afterwards', (name, message) => {
  const file = join(folder, name);
  expect(() => mustBeWritable(file)).toThrow(message);
  expect(() => mustBeWritable(file)).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(existsSync(join(folder, 'none'))).toBe(false);
  expect(() => writeReport(file, 'page')).toThrow(expect.objectContaining({ code: 'page-not-written', exitCode: 1 }));
});
