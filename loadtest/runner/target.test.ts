import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findTarget } from './target.ts';

const nothing = { url: undefined, login: undefined, admin: undefined };
const edge = { ...nothing, target: 'edge' } as const;
const nginx = { ...nothing, target: 'nginx' } as const;

let folder: string;
const stack = (urls: object) => writeFileSync(join(folder, 'stack.json'), JSON.stringify(urls));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadtest-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('without a stack there is a line that says what to do', () => {
  expect(() => findTarget(edge, join(folder, 'none'))).toThrow(/^No stack is running: .*npm start/);
});

test('the edge of the running stack', () => {
  stack({ edge: 'http://e:1', admin: 'http://a:2', monolith: 'http://m:3', coach: 'http://c:4' });
  expect(findTarget(edge, folder)).toEqual({
    name: 'edge (http://e:1)',
    url: 'http://e:1',
    loginUrl: 'http://e:1',
    adminUrls: ['http://a:2'],
    skipsTlsVerification: false,
  });
  expect(() => findTarget(nginx, folder)).toThrow(/no Nginx/);
});

test('its Nginx over TLS, with people logged in over plain HTTP', () => {
  stack({ edge: 'http://e:1', admin: 'http://a:2', nginx: 'http://n:5', nginxTls: 'https://n:6' });
  expect(findTarget(nginx, folder)).toMatchObject({
    url: 'https://n:6',
    loginUrl: 'http://n:5',
    adminUrls: ['http://a:2'],
    skipsTlsVerification: true,
  });
});

test('another stack has nothing of the running one', () => {
  stack({ edge: 'http://e:1', admin: 'http://a:2' });
  expect(findTarget({ ...edge, url: 'https://other' }, folder)).toEqual({
    name: 'https://other',
    url: 'https://other',
    loginUrl: 'https://other',
    adminUrls: [],
    skipsTlsVerification: false,
  });
  const named = { ...edge, url: 'https://other', login: 'http://l:1', admin: ['http://x:1', 'http://y:1'] };
  expect(findTarget(named, folder)).toMatchObject({ loginUrl: 'http://l:1', adminUrls: named.admin });
});
