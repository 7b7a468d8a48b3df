import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findToken } from './admin-token.ts';
import { NOWHERE } from './test/edgectl-in-test.ts';

const URL_HERE = 'http://127.0.0.1:8081';
const JWT = 'aaa.bbb.ccc';
const LOCAL = `fit_admin_${'A-_9'.repeat(10)}abc`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'admin-token-'));
  file = join(folder, 'admin-token');
  writeFileSync(file, `${LOCAL}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['that of the file that was named goes first', { tokenFile: 'named', EDGE_ADMIN_TOKEN: 'x.y.z' }, JWT],
  ['then that of the environment', { EDGE_ADMIN_TOKEN: ' x.y.z\n' }, 'x.y.z'],
  ['then that of npm start', {}, LOCAL],
  ['an empty one counts as none', { EDGE_ADMIN_TOKEN: '' }, LOCAL],
])('%s', async (_, { tokenFile, ...env }: { tokenFile?: string; EDGE_ADMIN_TOKEN?: string }, token) => {
  writeFileSync(join(folder, 'named'), JWT);
  const named = tokenFile && join(folder, tokenFile);
  expect(await findToken({ tokenFile: named, url: URL_HERE, env: { FIT_DATA_DIR: folder, ...env } })).toBe(token);
});

describe('what npm start made', () => {
  test.each(['http://localhost:1', 'http://[::1]:1', 'http://127.1.2.3'])('is for %s', async (url) => {
    expect(await findToken({ url, env: { FIT_DATA_DIR: folder } })).toBe(LOCAL);
  });

  test.each(['http://edge.example', 'http://127.0.0.1.example', 'http://10.0.0.1', 'https://localhost.example'])(
    'is not sent to %s',
    async (url) => {
      await expect(findToken({ url, env: { FIT_DATA_DIR: folder } })).rejects.toThrow(/^no token/);
    },
  );

  test.each([0o640, 0o604, 0o660, 0o601])('is not used with mode %o', async (mode) => {
    chmodSync(file, mode);
    const found = findToken({ url: URL_HERE, env: { FIT_DATA_DIR: folder } });
    await expect(found).rejects.toThrow(`${file} is not used: others on this machine may read it.`);
  });

  test('is not there', async () => {
    await expect(findToken({ url: URL_HERE, env: { FIT_DATA_DIR: NOWHERE } })).rejects.toThrow(/^no token\. npm start/);
  });

  test('is a folder', async () => {
    rmSync(file);
    mkdirSync(file, { mode: 0o700 });
    const found = findToken({ url: URL_HERE, env: { FIT_DATA_DIR: folder } });
    await expect(found).rejects.toThrow(/^the token file cannot be read: EISDIR/);
  });
});

test.each(['npm ERR! missing script: token', 'a.b', LOCAL.slice(0, -1), `${LOCAL}x`, 'a.b.c.d'])(
  '%j is no token',
  async (text) => {
    const found = findToken({ url: URL_HERE, env: { EDGE_ADMIN_TOKEN: text } });
    await expect(found).rejects.toThrow(/^the token is neither a JWT nor/);
  },
);
