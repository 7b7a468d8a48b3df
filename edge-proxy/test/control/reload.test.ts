import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { request } from 'undici';
import { routeFileText, startFleet, until } from './fleet.ts';
import type { Fleet } from './fleet.ts';
import { Users, usersOf } from './users.ts';
import type { WholeEdge } from './whole-edge.ts';

/** SIGHUP: the route file is read again. */
let fleet: Fleet;
let edge: WholeEdge;
beforeAll(async () => {
  fleet = await startFleet(1);
  edge = fleet.edges[0]!;
  await fleet.operator.setWeight(edge, 50);
}, 30_000);
afterAll(async () => await fleet?.[Symbol.asyncDispose]());

const HISTORY = { name: 'history', path: '/fitness/history', old: 'legacy', new: 'coach', initialWeight: 100 };
const RELOADED = 'the route file was read again and is in force';
const REFUSED = 'the route file cannot be used: everything stays as it was';

const reload = async (text: string, outcome: string) => {
  const count = () => edge.log.filter(({ msg }) => msg === outcome).length;
  const before = count();
  await writeFile(fleet.routeFile, text);
  edge.signal('SIGHUP');
  await until(count, (now) => now > before);
};
const servedBy = async (path: string) => {
  const { headers, body } = await request(`${edge.url}${path}`);
  await body.dump();
  return String(headers['x-served-by']);
};
const onTheNewSide = usersOf(100).filter(({ hash }) => hash < 0x7fffffff);

beforeEach(async () => await reload(routeFileText(fleet.sides), RELOADED));

test('a new route and an upstream at another address are in force together, and not one request fails meanwhile', async () => {
  await using users = new Users({ urls: [edge.url], users: onTheNewSide });
  users.askSteadily(300);
  const seen: string[] = [];
  const looking = until(
    // The second question is asked after the answer to the first.
    async () => {
      const [wod, history] = [await users.ask(onTheNewSide[0]!, 0), await servedBy('/fitness/history')];
      seen.push(wod.by, history);
      return history;
    },
    (history) => history === 'newcomer',
  );
  await reload(routeFileText(fleet.sides, [HISTORY], fleet.sides.urls.newcomer), RELOADED);
  await looking;
  const reloadedAt = performance.now();
  await users.ask(onTheNewSide[0]!, 0);

  // Once anything of the new file was met, nothing of the old one is met any more.
  const firstNew = seen.indexOf('newcomer');
  expect(new Set(seen.slice(firstNew))).toEqual(new Set(['newcomer']));
  const asked = await users.stop();
  expect(asked.filter(({ by }) => by !== 'coach' && by !== 'newcomer')).toEqual([]);
  expect(asked.filter(({ sentAt, by }) => sentAt > reloadedAt && by === 'coach')).toEqual([]);
  expect(await fleet.operator.route(edge)).toMatchObject({ weight: 50 });
  expect(await fleet.operator.route(edge, 'history')).toMatchObject({ weight: 100, revision: 0 });
});

test('a file that cannot be used changes nothing, and the log has all of its problems', async () => {
  const broken = routeFileText(fleet.sides, [{ ...HISTORY, old: 'nowhere' }], 'not a URL');
  await reload(broken, REFUSED);
  const message = edge.log.findLast(({ msg }) => msg === REFUSED)?.err?.message;
  expect(message).toContain('must name an upstream');
  expect(message).toContain('must be an http or https origin');
  expect(await servedBy('/fitness/history')).toBe('legacy');
  expect(await fleet.operator.ask(edge, 'GET /routes/history')).toMatchObject({ status: 404 });
  expect(await fleet.operator.route(edge)).toMatchObject({ weight: 50 });

  await reload('{', REFUSED);
  await using users = new Users({ urls: [edge.url], users: onTheNewSide });
  expect(await users.ask(onTheNewSide[0]!, 0)).toMatchObject({ by: 'coach' });
});

test('a route that is gone is passed on like everything else, and keeps its weight for when it comes back', async () => {
  const without = JSON.parse(routeFileText(fleet.sides)) as { routes: object[] };
  await reload(JSON.stringify({ ...without, routes: [] }), RELOADED);
  expect(await servedBy('/fitness/wod')).toBe('legacy');
  expect(await fleet.operator.ask(edge, 'GET /routes/wod')).toMatchObject({ status: 404 });
  await reload(routeFileText(fleet.sides), RELOADED);
  expect(await fleet.operator.route(edge)).toMatchObject({ weight: 50, stored: true });
});
