import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditPage, Cohort } from '../../admin-api/schemas.ts';
import { startAdminServer } from '../../admin-api/test/admin-server.ts';
import type { AdminServer } from '../../admin-api/test/admin-server.ts';
import type { Io } from '../command-context.ts';
import { EXIT } from '../exit-code.ts';
import { edgectl as runEdgectl } from '../test/edgectl-in-test.ts';

/** The commands that change nothing, on a real admin listener. */

/** Where its clock stands. */
const AT = '2026-03-01 03:00:00Z';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function edgectl(argv: string[], { env = {}, ...io }: Partial<Io> = {}) {
  const own = { EDGE_ADMIN_URL: server.url, EDGE_ADMIN_TOKEN: server.tokenFor('operator') };
  return await runEdgectl(argv, { ...io, env: { ...own, ...env } });
}

describe('audit', () => {
  beforeEach(async () => {
    await edgectl(['weight', 'wod', '10', '--reason', 'first step']);
    await edgectl(['weight', 'history', '50', '--reason', 'half']);
    await edgectl(['rollback', 'wod', '--reason', '<b>p95</b>']);
  });

  test('is a table, newest first, of all routes or of one', async () => {
    const lines = (await edgectl(['audit'])).out.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['AT', 'ROUTE', 'REVISION', 'CHANGE', 'BY', 'REASON'],
      [AT, 'wod', '2', '10 % → 0 %', 'ops@fit.example', '<b>p95</b>'],
      [AT, 'history', '1', expect.stringMatching(/ → 50 %$/), 'ops@fit.example', 'half'],
      [AT, 'wod', '1', expect.stringMatching(/ → 10 %$/), 'ops@fit.example', 'first step'],
    ]);
    const { out } = await edgectl(['audit', 'history', '--json']);
    expect((JSON.parse(out) as AuditPage).entries.map(({ route }) => route)).toEqual(['history']);
  });

  test('is read on from where a page ended', async () => {
    const { out } = await edgectl(['audit', '--limit', '2']);
    const cursor = /\nOlder ones: --before (\S+)\n$/.exec(out)?.[1] ?? '';
    const next = (await edgectl(['audit', '--before', cursor])).out;
    expect(next.split('\n').slice(1)).toEqual([expect.stringContaining('first step'), '']);
  });

  test('before what is no cursor is refused: it would look like an empty history', async () => {
    const { code, err } = await edgectl(['audit', '--before', 'foo']);
    expect(code).toBe(EXIT.refused);
    expect(err).toContain('query: before: must be the `next` of a page (received "foo")');
  });

  test('of nothing says so', async () => {
    await using empty = await startAdminServer();
    expect((await edgectl(['audit', '--url', empty.url])).out).toBe('No changes.\n');
    expect((await edgectl(['audit', 'history', '--url', empty.url])).out).toBe('No changes.\n');
  });

  test('of a route that does not exist is refused', async () => {
    const { code, err } = await edgectl(['audit', 'nope']);
    expect({ code, err }).toEqual({ code: EXIT.refused, err: expect.stringContaining('There is no route "nope"') });
  });
});

describe('cohort', () => {
  test('says the side on each route, now and at any weight', async () => {
    const { code, out } = await edgectl(['cohort', '--user', 'ann']);
    expect(code).toBe(EXIT.done);
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['ROUTE', 'KEY', 'AT WEIGHT'],
      ['wod', 'claim sub', '0 %'],
      ['history', 'cookie sid', '5 %'],
      [''],
    ]);
  });

  test('is what the side of the weight says', async () => {
    const { new_from } = JSON.parse((await edgectl(['cohort', 'wod', '--user', 'ann', '--json'])).out) as Cohort;
    const at = async (weight: number) =>
      (await edgectl(['cohort', 'wod', '--user', 'ann', '--weight', String(weight)])).out;
    expect(await at(new_from)).toMatch(new RegExp(`wod .* ${new_from} % +new, coach +from ${new_from} %`));
    expect(await at(Math.round(new_from * 100 - 1) / 100)).toMatch(/ old, legacy /);
  });
});

test('replicas says what each edge serves, and how the store is', async () => {
  await edgectl(['weight', 'wod', '10', '--reason', 'first step']);
  const { code, out } = await edgectl(['replicas']);
  expect(code).toBe(EXIT.done);
  expect(out).toMatch(/^Store: memory, up since \S+ \S+Z\n\nEDGE +STATE +SEEN +STARTED +REVISIONS\n/);
  expect(out).toMatch(/\nedge-1 \(answers\) +live +\d+ s ago +2026-03-01 02:00:00Z +wod 1, history 0\n$/);
});

test('dashboard prints a link that logs in once', async () => {
  const token = server.tokenFor('operator');
  const { code, out } = await edgectl(['dashboard', '--json'], { env: { EDGE_ADMIN_TOKEN: token } });
  expect(code).toBe(EXIT.done);
  const { url, expires_in } = JSON.parse(out) as { url: string; expires_in: number };
  expect(url).toMatch(new RegExp(`^${server.url}/#code=.{16,}$`));
  const logIn = async () =>
    await fetch(`${server.url}/admin/v1/logins`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: decodeURIComponent(new URL(url).hash.replace('#code=', '')) }),
    });
  expect(await (await logIn()).json()).toEqual({ token });
  expect((await logIn()).ok).toBe(false);
  expect((await edgectl(['dashboard'])).out).toContain(`\nOpen it within ${expires_in} seconds; it is good once`);
});
