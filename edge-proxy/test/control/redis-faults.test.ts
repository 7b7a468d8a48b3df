import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { redis } from '../../src/adapters/test/redis-server.ts';
import { cutOff } from './cut-off.ts';
import { startRedisFleet, until } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import { redisLost } from './redis-lost.ts';
import type { WholeEdge } from './whole-edge.ts';

/** The long versions are run by `npm run faults`. */
await describeWith(redis, 'three edges and a Redis that fails', () => {
  let fleet: RedisFleet;
  beforeAll(async () => (fleet = await startRedisFleet(3)), 30_000);
  afterAll(async () => await fleet?.[Symbol.asyncDispose]());

  test.each(['stopped', 'killed'] as const)(
    '%s: weights stay, changes get 503, rollback works on each edge and wins afterwards',
    async (how) => {
      const { requests } = await redisLost(fleet, { how, outageMs: 0 });
      expect(requests).toBeGreaterThan(100);
    },
    40_000,
  );

  test('an edge that dies right after its rollback was stored does not do it again, over a later change', async () => {
    const { operator, edges } = fleet;
    const [first, second] = edges as [WholeEdge, WholeEdge];
    await operator.setWeight(second, 40, { waitMs: 5000 });
    const { body: rolledBack } = await operator.rollBack(first, 'dies afterwards');
    expect(rolledBack).toMatchObject({ weight: 0, stored: true });
    await first.kill();
    const { body: later } = await operator.setWeight(second, 50, { revision: rolledBack.revision });
    expect(later).toMatchObject({ weight: 50, revision: rolledBack.revision + 1 });
    await first.start();
    await until(
      async () => await Promise.all(edges.map(async (edge) => await operator.route(edge))),
      (routes) => routes.every(({ stored, acknowledged }) => stored && acknowledged.serving === 3),
      5000,
    );
    expect(await operator.route(second)).toMatchObject({ weight: 50, revision: later.revision });
  }, 40_000);

  test('an edge with changes of its own that joins takes the weights of the others', async () => {
    const { operator, edges, redis } = fleet;
    const { body: rolledBack } = await operator.rollBack(edges[0]!, 'before it joins');
    const alone = fleet.edge({ id: 'edge-4' });
    await alone.start();
    for (let own = 0; own <= rolledBack.revision;) own = (await operator.setWeight(alone, 100 - own)).body.revision;
    await alone.stop();

    await using joining = new AsyncDisposableStack();
    const joined = fleet.edge({ id: 'edge-4', redisUrl: redis.url });
    joining.defer(() => joined.kill());
    await joined.start();
    expect(await operator.setWeight(edges[0]!, 5, { waitMs: 5000 })).toMatchObject({
      body: { revision: rolledBack.revision + 1, acknowledged: { serving: 4, replicas: 4 } },
    });
    expect(await operator.route(joined)).toMatchObject({ weight: 5, revision: rolledBack.revision + 1 });
    await joined.stop();
  }, 40_000);

  test('an edge that is cut off from it keeps its weight, is told to be silent, and never goes back', async () => {
    const { requests } = await cutOff(fleet, { cutMs: 0 });
    expect(requests).toBeGreaterThan(100);
  }, 40_000);
});
