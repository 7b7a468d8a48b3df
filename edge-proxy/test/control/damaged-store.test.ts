import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { redis } from '../../src/adapters/test/redis-server.ts';
import { startRedisFleet, until } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import { Users, misplaced, step, usersOf } from './users.ts';

const WAIT_MS = 5000;
const REPAIRED_WITHIN_MS = 5000;
const ROUTES = '{strangler-edge}:routes';
const CHANGES = '{strangler-edge}:changes';

await describeWith(redis, 'two edges, and somebody who writes into their Redis', () => {
  let fleet: RedisFleet;
  let older: string;
  let newest: string;
  beforeAll(async () => (fleet = await startRedisFleet(2)), 30_000);
  afterAll(async () => await fleet?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    older = await setAndRead(70);
    newest = await setAndRead(40);
  });

  const setAndRead = async (weight: number) => {
    const { body } = await fleet.operator.setWeight(fleet.edges[0]!, weight, { waitMs: WAIT_MS });
    expect(body.acknowledged).toEqual({ serving: 2, replicas: 2 });
    return await stored();
  };
  const stored = async () => String(await fleet.redis.command('HGET', ROUTES, 'wod').catch((error: Error) => error));
  const total = async (name: string) => {
    const counts = await Promise.all(fleet.edges.map(async (edge) => await fleet.operator.metric(edge, name)));
    return counts.reduce((sum, count) => sum + count, 0);
  };
  /** What each edge logs at ERROR from now on. */
  const newAlarms = () => {
    const from = fleet.edges.map(({ log }) => log.length);
    return () => fleet.edges.flatMap(({ log }, at) => log.slice(from[at]).filter(({ level }) => level === 'error'));
  };

  test.each([
    ['garbage', () => ['HSET', ROUTES, 'wod', '\x00garbage\xff'], 'damaged'],
    ['an entry with one changed digit', () => ['HSET', ROUTES, 'wod', newest.replace('4000', '9000')], 'damaged'],
    ['an older revision', () => ['HSET', ROUTES, 'wod', older], 'older'],
    ['nothing', () => ['DEL', ROUTES], 'missing'],
    ['a key of another type', () => ['SET', ROUTES, 'text'], 'damaged'],
  ] as const)('%s in the place of a state is ignored, counted, alarmed and repaired', async (_name, command, why) => {
    const before = {
      damages: await total('edge_store_damages_total'),
      repairs: await total('edge_store_repairs_total'),
    };
    const alarms = newAlarms();
    await using users = new Users({ urls: fleet.edges.map(({ url }) => url), users: usersOf(200) });
    users.askSteadily(100);
    await fleet.redis.command(...command());
    await until(stored, (entry) => entry === newest, REPAIRED_WITHIN_MS);
    await until(
      async () => await total('edge_store_repairs_total'),
      (repairs) => repairs > before.repairs,
    );
    expect(await total('edge_store_damages_total')).toBeGreaterThan(before.damages);
    await until(alarms, (lines) => lines.some((line) => line.why === why));
    expect(misplaced(await users.stop(), [step(40)])).toEqual([]);
  });

  test('an older state that is announced is not news, and garbage is none', async () => {
    await using users = new Users({ urls: fleet.edges.map(({ url }) => url), users: usersOf(200) });
    users.askSteadily(100);
    for (const message of [older, 'garbage', '{}', newest.replace('4000', '9000'), older]) {
      await fleet.redis.command('PUBLISH', CHANGES, message);
    }
    // What comes after them has been heard after them.
    const asked = performance.now();
    const { body } = await fleet.operator.setWeight(fleet.edges[0]!, 60, { waitMs: WAIT_MS });
    expect(body.acknowledged).toEqual({ serving: 2, replicas: 2 });
    const steps = [step(40), step(60, asked)];
    expect(misplaced(await users.stop(), steps)).toEqual([]);
  });
});
