import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { redis } from '../../src/adapters/test/redis-server.ts';
import { constantWeight } from './constant-weight.ts';
import { startRedisFleet } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import { Users, misplaced, step, usersOf } from './users.ts';

/** Three edges in processes of their own share a Redis. */
const WAIT_MS = 5000;

await describeWith(redis, 'live weights on three edges', () => {
  let fleet: RedisFleet;
  beforeAll(async () => (fleet = await startRedisFleet(3)), 30_000);
  afterAll(async () => await fleet?.[Symbol.asyncDispose]());

  const urls = () => fleet.edges.map(({ url }) => url);
  const setEverywhere = async (weight: number, by = 0) => {
    const askedAt = performance.now();
    const { status, body } = await fleet.operator.setWeight(fleet.edges[by]!, weight, { waitMs: WAIT_MS });
    expect({ status, ...body.acknowledged }).toEqual({ status: 200, serving: 3, replicas: 3 });
    return step(weight, askedAt);
  };

  test('ten changes under load, at one edge after another: nobody is failed or misrouted, before, during or after', async () => {
    const steps = [await setEverywhere(20)];
    await using users = new Users({ urls: urls(), users: usersOf(1000) });
    users.askSteadily(300);
    for (const [at, weight] of [10, 25, 50, 25, 100, 0, 33.33, 99.99, 0.01, 60].entries()) {
      steps.push(await setEverywhere(weight, at % 3));
      const { length: before } = users.asked;
      while (users.asked.length < before + 60) await users.ask(usersOf(1)[0]!, at % 3);
    }
    const asked = await users.stop();
    expect(misplaced(asked, steps)).toEqual([]);
    expect(new Set(asked.map(({ edge, by }) => `${edge} ${by}`)).size).toBe(6);
  }, 30_000);

  test('of 50 changes at once with the same revision, over all edges, one is made and 49 are refused', async () => {
    const { revision, weight } = await fleet.operator.route(fleet.edges[0]!);
    const replies = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, at) => await fleet.operator.setWeight(fleet.edges[at % 3]!, at, { revision }),
      ),
    );
    const made = replies.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    expect(
      replies.filter(({ status, body }) => status === 412 && body.type?.endsWith('revision-conflict')),
    ).toHaveLength(49);
    const { entries } = await fleet.operator.audit(fleet.edges[1]!);
    expect(entries[0]).toMatchObject({
      revision: revision + 1,
      before: { weight },
      after: { weight: made[0]!.body.weight },
    });
    expect(entries[1]).toMatchObject({ revision });
  });

  test('a user never changes sides at a constant weight: at any edge, before and after a restart', async () => {
    expect(await constantWeight(fleet, { users: 1000, times: 2 })).toBe(6000);
  }, 60_000);
});
