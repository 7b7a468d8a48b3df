import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Routing } from '../../admin-api/schemas.ts';
import { EXIT } from '../exit-code.ts';
import { startCannedEdge } from '../test/canned-edge.ts';
import { TOKEN, edgectl } from '../test/edgectl-in-test.ts';

const SOUND = `upstreams:
  legacy: { url: 'http://127.0.0.1:3000' }
defaultUpstream: legacy
`;
const ROUTING: Routing = {
  upstreams: [{ name: 'legacy', url: 'http://127.0.0.1:3000' }],
  default_upstream: 'legacy',
  internal_paths: ['/metrics'],
  routes: [],
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgectl-config-'));
  file = join(folder, 'edge.yaml');
  writeFileSync(file, SOUND);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('explains each problem with file, line, and what would be right; that is wrong usage', async () => {
  writeFileSync(file, SOUND.replace('http:', 'ftp:').replace('ltUpstream: legacy', 'ltUpstream: legcay'));
  expect(await edgectl(['config', 'check', file, '--offline'])).toEqual({
    code: EXIT.usage,
    out: [
      `${file}:2:18: upstreams.legacy.url: must be an http or https origin without a path, received "ftp://127.0.0.1:3000"`,
      '    Scheme, host and port of the server. For example: http://127.0.0.1:3000',
      `${file}:3:18: defaultUpstream: must name an upstream, received "legcay"`,
      '    Did you mean legacy?',
      '',
    ].join('\n'),
    err: `edgectl: ${file} cannot be used\n`,
  });
});

test('loads comparators as the edge does, and says of each where it is named and what is wrong', async () => {
  const coach = "  coach: { url: 'http://127.0.0.1:3001' }\ndefaultUpstream";
  const route = (name: string, module: string) =>
    `  - { name: ${name}, path: /${name}, old: legacy, new: coach, compare: { module: ./${module}.js } }\n`;
  writeFileSync(join(folder, 'empty.js'), 'export const compare = 1;');
  const routes = ['routes:\n', route('cart', 'nowhere'), route('prices', 'empty')].join('');
  writeFileSync(file, SOUND.replace('defaultUpstream', coach) + routes);
  const { code, out } = await edgectl(['config', 'check', file, '--offline']);
  expect(code).toBe(EXIT.usage);
  const [first, second] = out.split('\n');
  expect(first).toMatch(
    /edge\.yaml:6:76: routes\.0\.compare\.module: must be a module that can be loaded: .*"\.\/nowhere\.js"$/,
  );
  expect(second).toMatch(
    /:7:80: routes\.1\.compare\.module: must export the function createComparator: .*"\.\/empty\.js"$/,
  );
});

test('as JSON', async () => {
  writeFileSync(file, `${SOUND}colour: red\n`);
  const { code, out } = await edgectl(['config', 'check', file, '--offline', '--json']);
  expect(code).toBe(EXIT.usage);
  expect(JSON.parse(out)).toEqual({
    file,
    problems: [
      {
        line: 4,
        column: 1,
        field: 'colour',
        rule: 'is not a known field',
        value: null,
        advice: 'Known: upstreams, defaultUpstream, routes, internalPaths',
      },
    ],
    comparedWith: null,
    notes: [],
  });
});

test('a file that is not there is a problem like others', async () => {
  const { code, out } = await edgectl(['config', 'check', join(folder, 'none.yaml')]);
  expect(code).toBe(EXIT.usage);
  expect(out).toMatch(/none\.yaml: cannot be read: ENOENT/);
});

test('without a word it is the file of EDGE_CONFIG, else that of the repository', async () => {
  const named = await edgectl(['config', 'check', '--offline'], { env: { EDGE_CONFIG: file } });
  expect(named).toEqual({ code: EXIT.done, out: `${file}: no problems\n`, err: '' });
  const own = await edgectl(['config', 'check', '--offline']);
  expect(own).toMatchObject({ code: EXIT.done, out: expect.stringMatching(/edge\.config\.yaml: no problems\n$/) });
});

test('says where the file and the running edge differ, which is no error', async () => {
  await using edge = await startCannedEdge({ routing: { ...ROUTING, internal_paths: [] } });
  const env = { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN };
  expect(await edgectl(['config', 'check', file], { env })).toEqual({
    code: EXIT.done,
    out:
      `${file}: no problems\n` +
      `compared with the edge at ${edge.url}: upstreams by name and url, defaultUpstream, internalPaths, and path, old, ` +
      'new, key and initialWeight of routes; not the time-outs, limits, breakers, deadlines, budgets, ramps, ' +
      'mirroring, comparison and terms of retirement, which an edge does not tell\n' +
      'note: internalPaths is ["/metrics"] in the file, but [] in the edge: send the edge SIGHUP to reload\n',
    err: '',
  });
  const { out } = await edgectl(['config', 'check', file, '--json'], { env });
  expect(JSON.parse(out)).toMatchObject({ comparedWith: edge.url, notes: [expect.stringMatching(/^internalPaths/)] });
});

test('says that a variable differs, not the file', async () => {
  writeFileSync(file, SOUND.replace('http://127.0.0.1:3000', '${LEGACY_URL}'));
  await using edge = await startCannedEdge({ routing: ROUTING });
  const env = { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN, LEGACY_URL: 'http://127.0.0.1:3009' };
  const { code, out } = await edgectl(['config', 'check', file], { env });
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/^note: upstream legacy: url is \$\{LEGACY_URL\} .*:3009" here; it is .*:3000" in the edge/m);
  expect(out).not.toContain('SIGHUP');
});

test('no edge that answers is no error either', async () => {
  const edge = await startCannedEdge({});
  await edge.refuse();
  const env = { EDGE_ADMIN_URL: edge.url, EDGE_ADMIN_TOKEN: TOKEN };
  const { code, out } = await edgectl(['config', 'check', file], { env });
  expect(code).toBe(EXIT.done);
  expect(out).toContain(`note: Not compared with a running edge: ${edge.url} cannot be reached: ECONNREFUSED\n`);
  const withoutToken = await edgectl(['config', 'check', file], { env: { EDGE_ADMIN_URL: edge.url } });
  expect(withoutToken).toMatchObject({ code: EXIT.done, out: expect.stringContaining('running edge: no token') });
});
