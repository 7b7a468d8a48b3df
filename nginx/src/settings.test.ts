import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localUrl, openNginxFolder } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nginx-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (settings: unknown) => {
  writeFileSync(join(folder, 'settings.json'), typeof settings === 'string' ? settings : JSON.stringify(settings));
  return openNginxFolder(folder).settings;
};

test('the folder must be there', () => {
  expect(() => openNginxFolder('/nowhere/nginx')).toThrow('There is no folder /nowhere/nginx');
});

test('every member has a default, and the file too', () => {
  expect(open({ port: 80 })).toMatchObject({ listen: '127.0.0.1', port: 80, tlsPort: 8443, edges: ['127.0.0.1:8080'] });
  rmSync(join(folder, 'settings.json'));
  expect(openNginxFolder(folder).settings.port).toBe(8000);
});

test('every problem is told at once, by member', () => {
  const settings = { listen: 'a b', port: 0, edges: ['127.0.0.1'], realIpFrom: ['10/x'], accessLog: 'a"b', colour: 1 };
  expect(() => open(settings)).toThrow(
    /settings\.json cannot be used:\n(?=.*listen: must be an address)(?=.*port: )(?=.*edges\.0: must be host:port)(?=.*realIpFrom\.0: )(?=.*accessLog: must have no quotes)(?=.*colour)/s,
  );
});

test.each([
  ['{"port":', 'is not JSON'],
  ['[]', 'expected object'],
])('%s is refused', (text, message) => {
  expect(() => open(text)).toThrow(message);
});

test.each([
  ['0.0.0.0', 'http://127.0.0.1:8000'],
  ['[::]', 'http://[::1]:8000'],
  ['192.0.2.1', 'http://192.0.2.1:8000'],
])('an Nginx on %s is asked at %s', (listen, url) => {
  expect(localUrl(open({ listen }))).toBe(url);
});
