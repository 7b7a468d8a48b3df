import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { LOCAL_TOKEN, startAdminServer } from '../admin-api/test/admin-server.ts';
import type { AdminServer } from '../admin-api/test/admin-server.ts';
import type { ReplicaList } from '../admin-api/schemas.ts';
import type { Io } from './command-context.ts';
import { EXIT } from './exit-code.ts';
import { printable } from './printable.ts';
import { NOWHERE, edgectl as runEdgectl } from './test/edgectl-in-test.ts';

const EDGECTL = join(import.meta.dirname, 'edgectl.ts');
const HOW = 'export EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator)';

let server: AdminServer;

beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Runs a command as an operator of the test's server. */
async function edgectl(argv: string[], { env = {}, ...io }: Partial<Io> = {}) {
  const own = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('operator') };
  return await runEdgectl(argv, { ...io, env: { ...own, ...env } });
}

describe('status', () => {
  test('is a table with one line a route', async () => {
    await edgectl(['weight', 'wod', '10', '--reason', 'first step']);
    const { code, out, err } = await edgectl(['status']);
    expect({ code, err }).toEqual({ code: EXIT.done, err: '' });
    expect(out).toBe(
      [
        'ROUTE    PATH              PHASE   SET   ACKNOWLEDGED  OBSERVED  OLD             NEW            REVISION  CHANGED               BY               REASON',
        'wod      /fitness/wod      canary  10 %  1 of 1        -         legacy healthy  coach healthy  1         2026-03-01 03:00:00Z  ops@fit.example  first step',
        'history  /fitness/history  canary  5 %   1 of 1        -         legacy healthy  diary healthy  0         never                 -                -',
        '',
      ].join('\n'),
    );
  });

  test('has colours on a terminal only, and the same columns with them', async () => {
    const plain = await edgectl(['status']);
    const coloured = await edgectl(['status'], { colour: true });
    expect(plain.out).not.toContain('\u001b');
    expect(coloured.out).toContain('\u001b[1mROUTE');
    expect(stripVTControlCharacters(coloured.out).replace(/ +$/gm, '')).toBe(plain.out);
  });

  test("as JSON is the server's answer", async () => {
    const { out } = await edgectl(['status', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      store: { kind: 'memory', state: 'up' },
      routes: [{ route: 'wod', weight: 0, revision: 0 }, { route: 'history' }],
    });
  });

  test('says first that the store is out of reach', async () => {
    server.store.break(new Error('ENOSPC'));
    await server.plane.round();
    const { code, out } = await edgectl(['status']);
    expect(code).toBe(EXIT.done);
    expect(out).toMatch(
      /^The memory store has been OUT OF REACH since \S+ \S+Z: nothing but a rollback is possible\.\n\nROUTE/,
    );
    const { store } = JSON.parse((await edgectl(['status', '--json'])).out) as ReplicaList;
    expect(store).toMatchObject({ kind: 'memory', state: 'down' });
  });

  test('is for viewers', async () => {
    expect((await edgectl(['status'], { env: { EDGE_ADMIN_TOKEN: server.tokenFor('viewer') } })).code).toBe(EXIT.done);
  });
});

describe('weight', () => {
  test.each([
    [
      '10',
      1000,
      'wod: 0 % → 10 % (revision 0 → 1)\n10 % of the users of /fitness/wod moved from legacy to coach; all others stay where they were.\nacknowledged: 1 of 1\n',
    ],
    [
      '0.01%',
      1,
      'wod: 0 % → 0.01 % (revision 0 → 1)\n0.01 % of the users of /fitness/wod moved from legacy to coach; all others stay where they were.\nacknowledged: 1 of 1\n',
    ],
    [
      '100 %',
      10_000,
      'wod: 0 % → 100 % (revision 0 → 1)\nAll users of /fitness/wod moved from legacy to coach.\nacknowledged: 1 of 1\n',
    ],
    ['0', 0, 'wod: 0 % → 0 % (revision 0 → 1)\nNobody moved.\nacknowledged: 1 of 1\n'],
  ])('%s is in force afterwards and says who moved', async (percent, weight, out) => {
    expect(await edgectl(['weight', 'wod', percent, '--reason', 'first step', '--yes'])).toEqual({
      code: EXIT.done,
      out,
      err: '',
    });
    expect(server.holder.weightOf('wod')).toBe(weight);
  });

  test('going down says who went back', async () => {
    await edgectl(['weight', 'wod', '25.1', '--reason', 'up']);
    const { out } = await edgectl(['weight', 'wod', '10.05', '--reason', 'down']);
    expect(out).toContain('15.05 % of the users of /fitness/wod moved from coach to legacy;');
  });

  test('follows the current revision, or the one that it is told', async () => {
    await edgectl(['weight', 'wod', '10', '--reason', 'a']);
    expect((await edgectl(['weight', 'wod', '20', '--reason', 'b'])).code).toBe(EXIT.done);
    expect((await edgectl(['weight', 'wod', '30', '--reason', 'c', '--revision', '2'])).code).toBe(EXIT.done);
    const stale = await edgectl(['weight', 'wod', '40', '--reason', 'd', '--revision', '2']);
    expect(stale).toMatchObject({ code: EXIT.conflict, out: '' });
    expect(stale.err).toMatch(/^edgectl: revision-conflict: Route wod is at revision 3 \(30 %, by ops@fit\.example\)/);
    expect(server.holder.weightOf('wod')).toBe(3000);
  });

  test("as JSON is the server's answer", async () => {
    const { out } = await edgectl(['weight', 'wod', '10', '--reason', 'a', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      route: 'wod',
      weight: 10,
      revision: 1,
      before: { weight: 0, revision: 0 },
    });
  });
});

test('rollback sends everybody back without asking for a revision', async () => {
  await edgectl(['weight', 'wod', '100', '--reason', 'all', '--yes']);
  expect(await edgectl(['rollback', 'wod', '--reason', 'p95 is up'])).toEqual({
    code: EXIT.done,
    out: 'wod: 100 % → 0 % (revision 1 → 2)\nAll users of /fitness/wod moved from coach to legacy.\nacknowledged: 1 of 1\n',
    err: '',
  });
  expect(server.holder.weightOf('wod')).toBe(0);
});

describe('wrong usage is 2, and the server is not asked', () => {
  test.each([
    ['no command', []],
    ['an unknown command', ['advance', 'wod']],
    ['no percent', ['weight', 'wod', '--reason', 'x']],
    ['no reason', ['weight', 'wod', '10']],
    ['an empty reason', ['weight', 'wod', '10', '--reason', '']],
    ['a rollback without reason', ['rollback', 'wod']],
    ['-1', ['weight', 'wod', '-1', '--reason', 'x']],
    ['100.001', ['weight', 'wod', '100.001', '--reason', 'x']],
    ['1e1', ['weight', 'wod', '1e1', '--reason', 'x']],
    ['ten', ['weight', 'wod', 'ten', '--reason', 'x']],
    ['a weight of 100 that nobody confirms', ['weight', 'wod', '100', '--reason', 'x']],
    ['a limit of nothing', ['audit', '--limit', '0']],
    ['a limit above 500', ['audit', '--limit', '501']],
    ['a cohort of nobody', ['cohort', 'wod']],
    ['a cohort of an empty user', ['cohort', 'wod', '--user', '']],
    ['a cohort at a weight that is none', ['cohort', '--user', 'ann', '--weight', '101']],
    ['one argument too many', ['rollback', 'wod', 'history', '--reason', 'x']],
    ['a revision that is none', ['weight', 'wod', '10', '--reason', 'x', '--revision', '1.5']],
    ['a URL that is none', ['status', '--url', 'edge:8081']],
    ['a token file that is not there', ['status', '--token-file', '/nowhere/token']],
  ])('%s', async (_, argv) => {
    const { code, out, err } = await edgectl(argv);
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
    expect(err).not.toBe('');
    expect((await server.store.load()).states.size).toBe(0);
  });

  test('no token says how to get one', async () => {
    const { code, err } = await edgectl(['status'], { env: { EDGE_ADMIN_TOKEN: '' } });
    expect({ code, err }).toEqual({
      code: EXIT.usage,
      err: `edgectl: no token. npm start makes one for this machine; for other edges: ${HOW}\n`,
    });
  });
});

describe('refused by the server is 3, in one line', () => {
  test.each([
    [
      'an unknown route',
      ['weight', '__proto__', '10', '--reason', 'x'],
      'operator',
      'not-found: There is no route "__proto__".',
    ],
    [
      'a viewer who writes',
      ['rollback', 'wod', '--reason', 'x'],
      'viewer',
      'forbidden: This needs the role operator or admin.',
    ],
  ] as const)('%s', async (_, argv, role, message) => {
    const { code, out, err } = await edgectl([...argv], { env: { EDGE_ADMIN_TOKEN: server.tokenFor(role) } });
    expect({ code, out }).toEqual({ code: EXIT.refused, out: '' });
    expect(err).toMatch(/^[^\n]+\n$/);
    expect(err).toContain(`edgectl: ${message}`);
  });

  test('a token that is no longer good says how to get a new one', async () => {
    const { code, err } = await edgectl(['status'], { env: { EDGE_ADMIN_TOKEN: server.issuer.issue({ exp: 1 }) } });
    expect(code).toBe(EXIT.refused);
    expect(err).toContain(`unauthorized: The token is refused: jwt expired. A new token: ${HOW}`);
  });

  test('a store that cannot be written; a rollback is in force all the same, and says where', async () => {
    await edgectl(['weight', 'wod', '10', '--reason', 'a']);
    server.store.break(new Error('ENOSPC'));
    const { code, err } = await edgectl(['weight', 'wod', '20', '--reason', 'x']);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('edgectl: store-unavailable: ');
    const rollback = await edgectl(['rollback', 'wod', '--reason', 'x']);
    expect(rollback).toMatchObject({ code: EXIT.done, out: expect.stringContaining('in force on this edge only') });
    expect(server.holder.weightOf('wod')).toBe(0);
    expect((await edgectl(['status'])).out).toContain('2, not stored');
  });
});

describe('the token', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgectl-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('may come from a file, which goes before the environment', async () => {
    const file = join(folder, 'token');
    await writeFile(file, `${server.tokenFor('operator')}\n`);
    expect((await edgectl(['status', '--token-file', file], { env: { EDGE_ADMIN_TOKEN: 'a.b.c' } })).code).toBe(
      EXIT.done,
    );
  });

  test('is found where npm start left it', async () => {
    await writeFile(join(folder, 'admin-token'), LOCAL_TOKEN, { mode: 0o600 });
    const env = { EDGE_ADMIN_TOKEN: '', FIT_DATA_DIR: folder };
    await edgectl(['weight', 'wod', '10', '--reason', 'x'], { env });
    expect((await edgectl(['audit'], { env })).out).toContain('local-admin');
  });

  test('that is no JWT is not sent', async () => {
    const { code, err } = await edgectl(['status'], { env: { EDGE_ADMIN_TOKEN: 'npm ERR! missing script: token' } });
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('the token is neither a JWT nor one that npm start made');
  });
});

test('a variable that is one slip away from one of its own is named before anything else, on standard error', async () => {
  const { code, err, out } = await edgectl(['status', '--json'], {
    env: { EDGE_ADMIN_TOKN: 'value-of-it', HOST: 'x' },
  });
  expect(code).toBe(EXIT.done);
  expect(err).toBe(
    'edgectl: The environment variable EDGE_ADMIN_TOKN is set, but nothing reads it; was EDGE_ADMIN_TOKEN meant?\n',
  );
  expect(() => void JSON.parse(out)).not.toThrow();
});

test('text from a server cannot steer the terminal', () => {
  expect(printable('a\u001b[2Jb\r\u0007\u009bc\nd')).toBe('a\ufffd[2Jb\ufffd\ufffd\ufffdc\nd');
});

describe('as a command', () => {
  const options = () => ({
    env: {
      PATH: process.env['PATH'],
      FIT_DATA_DIR: NOWHERE,
      EDGE_ADMIN_URL: server.url,
      EDGE_ADMIN_TOKEN: server.tokenFor('operator'),
    },
  });

  test('is executable, prints to standard output and exits 0', async () => {
    await access(EDGECTL, constants.X_OK);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [EDGECTL, 'status'], options());
    expect(stdout).toContain('wod      /fitness/wod');
    expect(stderr).toBe('');
  });

  test('--help tells defaults and bounds of seconds', async () => {
    const helpOf = async (command: string) => (await edgectl([command, '--help'])).out.replace(/\s+/g, ' ');
    expect(await helpOf('weight')).toContain(
      'until every edge serves the change: at most 10 seconds, or so many (0 to 30) --',
    );
    expect(await helpOf('status')).toContain(
      'look again every second, or every so many (0.05 to 3600); Ctrl-C ends it -h',
    );
  });

  test('exits with the code that --help documents', async () => {
    for (const words of [[], ['weight'], ['config', 'check']]) {
      const { out } = await edgectl([...words, '--help']);
      for (const code of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^  ${code}  \\w`, 'm'));
      expect(out).toContain('--json');
    }
    const refused = execFile(process.execPath, [EDGECTL, 'rollback', 'nope', '--reason', 'x'], options());
    expect(await once(refused, 'exit')).toEqual([EXIT.refused, null]);
  });
});
