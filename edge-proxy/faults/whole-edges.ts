import { redis } from '../src/adapters/test/redis-server.ts';
import { constantWeight } from '../test/control/constant-weight.ts';
import { cutOff } from '../test/control/cut-off.ts';
import { startRedisFleet } from '../test/control/fleet.ts';
import type { RedisFleet } from '../test/control/fleet.ts';
import { redisLost } from '../test/control/redis-lost.ts';
import type { Fault } from './fault.ts';

/** Longer than anything in an edge waits, tries again or remembers, but for who was there (five minutes). */
const OUTAGE_MS = 150_000;
const EDGES = 3;

/** What befalls three whole edges on one Redis; the short versions are in `test/control`. */
export const wholeEdges: readonly Fault[] = [
  onFleet(
    'redis-stopped',
    `Redis answers nothing for ${OUTAGE_MS / 1000} s: weights stay, changes get 503, rollback works and wins`,
    async (fleet) => inWords(await redisLost(fleet, { how: 'stopped', outageMs: OUTAGE_MS })),
  ),
  onFleet(
    'redis-killed',
    `Redis is gone for ${OUTAGE_MS / 1000} s and comes back empty: the same, and the edges give it back what it had`,
    async (fleet) => inWords(await redisLost(fleet, { how: 'killed', outageMs: OUTAGE_MS })),
  ),
  onFleet(
    'edge-cut-off',
    `one edge is cut off from Redis for ${OUTAGE_MS / 1000} s: it keeps its weight, and never goes back to an older one`,
    async (fleet) => inWords(await cutOff(fleet, { cutMs: OUTAGE_MS })),
  ),
  onFleet(
    'edge-restarted',
    '1,000 users ask 50 times at each of three edges, one of which is restarted: nobody changes sides',
    async (fleet) => inWords({ requests: await constantWeight(fleet, { users: 1000, times: 50 }) }),
  ),
];

function onFleet(name: string, what: string, play: (fleet: RedisFleet) => Promise<string>): Fault {
  return {
    name,
    what,
    rounds: 1,
    run: async ({ rounds, progress }) => {
      const finding = await redis.find();
      if (!finding.available) return [`it was not done: ${finding.reason}`];
      const found: string[] = [];
      for (let round = 1; round <= rounds; round++) {
        await using fleet = await startRedisFleet(EDGES);
        await play(fleet).then(progress, (error: Error) => found.push(`round ${round}: ${error.message}`));
      }
      return found;
    },
  };
}

/** `refusedMs: 12.3` becomes `refused 12 ms`. */
function inWords(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => (name.endsWith('Ms') ? `${name.slice(0, -2)} ${Math.round(value)} ms` : `${value} ${name}`))
    .join(', ');
}
