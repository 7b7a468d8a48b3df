import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startAdminServer } from '../../admin-api/test/admin-server.ts';
import type { AdminServer } from '../../admin-api/test/admin-server.ts';
import { EXIT } from '../exit-code.ts';
import { run } from '../run.ts';

/** That an applied configuration is served is tested beside Nginx; here, what the command says and how it ends. */
let server: AdminServer;
let folder: string;
beforeEach(async () => {
  server = await startAdminServer();
  folder = mkdtempSync(join(tmpdir(), 'edgectl-nginx-'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function edgectl(...argv: string[]) {
  const said = { out: '', err: '' };
  const env = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('viewer') };
  const io = {
    out: (text: string) => (said.out += text),
    err: (text: string) => (said.err += text),
    env,
    colour: false,
  };
  return { code: await run(argv, io), ...said };
}

test('render prints the configuration, or writes it to a file; reading is enough for it', async () => {
  const words = ['nginx', 'render', '--topology', 'edge', '--folder', folder];
  const printed = await edgectl(...words);
  expect(printed).toMatchObject({ code: EXIT.done, err: '' });
  expect(printed.out).toContain('server 127.0.0.1:3000 max_fails=0 backup;');
  const file = join(folder, 'made.conf');
  expect(await edgectl(...words, '--out', file)).toEqual({ code: EXIT.done, out: '', err: '' });
  expect(readFileSync(file, 'utf8')).toBe(printed.out);
});

test.each([
  ['no topology', ['render'], "required option '--topology <name>' not specified"],
  ['an unknown topology', ['render', '--topology', 'both'], 'Allowed choices are edge, direct'],
  [
    'a file that cannot be written',
    ['render', '--topology', 'edge', '--folder', tmpdir(), '--out', '/nowhere/x'],
    '/nowhere/x cannot be written',
  ],
  [
    'a folder that is not there',
    ['render', '--topology', 'edge', '--folder', '/nowhere'],
    'There is no folder /nowhere',
  ],
  ['a probe that is no path', ['apply', '--topology', 'edge', '--probe', '//elsewhere'], 'Must be a path.'],
  ['an unknown command', ['reload'], "unknown command 'reload'"],
])('%s is wrong usage', async (_, words, message) => {
  const { code, out, err } = await edgectl('nginx', ...words);
  expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
  expect(err).toContain(message);
});

test('settings that cannot be used are told by member', async () => {
  writeFileSync(join(folder, 'settings.json'), '{"port": "http"}');
  const { code, err } = await edgectl('nginx', 'render', '--topology', 'edge', '--folder', folder);
  expect(code).toBe(EXIT.usage);
  expect(err).toMatch(/^edgectl: .*settings\.json cannot be used:\n {2}- port: /);
});

test('apply where no nginx runs is refused, and changes nothing', async () => {
  const { code, err } = await edgectl('nginx', 'apply', '--topology', 'edge', '--folder', folder);
  expect(code).toBe(EXIT.refused);
  expect(err).toBe(`edgectl: No nginx of ours runs on ${folder}\n`);
});
