import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { redis } from '../../src/adapters/test/redis-server.ts';
import { cutOff } from './cut-off.ts';
import { startRedisFleet } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import { redisLost } from './redis-lost.ts';

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

  test('an edge that is cut off from it keeps its weight, is told to be silent, and never goes back', async () => {
    const { requests } = await cutOff(fleet, { cutMs: 0 });
    expect(requests).toBeGreaterThan(100);
  }, 40_000);
});
