import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from '@jest/globals';
import { ensureBuiltPage } from './built-page.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
const MOST_BYTES = 150_000;

beforeAll(ensureBuiltPage);

function files(): string[] {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

test('the whole page is under 150 KB compressed', () => {
  const sizes = files().map((file) => gzipSync(readFileSync(file)).length);
  expect(sizes.length).toBeGreaterThanOrEqual(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
});

test('the page obeys its content security policy: nothing inline, nothing from elsewhere', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  expect(addresses.filter((address) => !/^(\.\/assets\/|data:image)/.test(address))).toEqual([]);
});

test('what checks the schemas is not in it', () => {
  const script = files().find((file) => file.endsWith('.js'))!;
  expect(readFileSync(script, 'utf8')).not.toContain('must be a multiple of 0.01');
});
