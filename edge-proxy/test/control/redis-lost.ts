import { setTimeout as delay } from 'node:timers/promises';
import { until } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import type { WholeEdge } from './whole-edge.ts';
import { mustBe, mustTakeLessThan } from './must-be.ts';
import { Users, misplaced, step, usersOf } from './users.ts';

export type OutageOptions = {
  /** `stopped`: connections stay and nothing answers; `killed`: it comes back with nothing in it. */
  how: 'stopped' | 'killed';
  /** At least; what happens meanwhile takes some seconds. */
  outageMs: number;
};

export type Outage = { refusedMs: number; rolledBackMs: number; agreedMs: number; requests: number };

const REFUSED_WITHIN_MS = 2000;
const ROLLED_BACK_WITHIN_MS = 1000;
const AGREED_WITHIN_MS = 5000;
const WAIT_MS = 5000;
const PER_SECOND = 150;

/**
 * Redis is lost for all edges, with users asking all the time: weights stay, changes are refused, an edge that starts has its
 * last known state, each edge can be rolled back, and that is what holds everywhere when Redis is there again.
 *
 * @returns the longest times seen
 */
export async function redisLost(fleet: RedisFleet, { how, outageMs }: OutageOptions): Promise<Outage> {
  const { edges, operator, redis } = fleet;
  const [first, second, third] = edges as [WholeEdge, WholeEdge, WholeEdge];
  const changed = await operator.setWeight(first, 40, { waitMs: WAIT_MS });
  mustBe(changed.body.acknowledged.serving, 3);
  const { revision } = changed.body;
  const steps = [step(40)];
  await using users = new Users({ urls: [first.url, third.url], users: usersOf(500) });
  users.askSteadily(PER_SECOND);

  const lostAt = performance.now();
  await (how === 'stopped' ? redis.pause() : redis.kill());
  const refusedMs = await changesAreRefused(fleet);
  mustBe(await second.stop(), 0);
  await second.start();
  const restarted = await operator.route(second);
  mustBe([restarted.weight, restarted.revision], [40, revision], 'a restarted edge has its last known state');

  const askedAt = performance.now();
  const rolledBackMs = await rollBackEverywhere(fleet);
  steps.push(step(0, askedAt));
  if (how === 'killed') await rollbackOutlives(fleet, second);
  await delay(Math.max(0, lostAt + outageMs - performance.now()));
  await changesAreRefused(fleet);

  await (how === 'stopped' ? redis.resume() : redis.restart());
  const agreedMs = await rollbackHolds(fleet, revision);
  const asked = await users.stop();
  mustBe(misplaced(asked, steps), []);
  const after = await operator.setWeight(second, 30, { waitMs: WAIT_MS });
  mustBe(after.body.acknowledged, { serving: 3, replicas: 3 });
  return { refusedMs, rolledBackMs, agreedMs, requests: asked.length };
}

/** What an edge took alone outlives it. */
async function rollbackOutlives({ operator }: RedisFleet, edge: WholeEdge): Promise<void> {
  await edge.kill();
  await edge.start();
  const { weight, stored } = await operator.route(edge);
  mustBe([weight, stored], [0, false], 'what a killed edge has of its rollback');
}

/** @returns the longest time that a refusal took */
async function changesAreRefused({ edges, operator }: RedisFleet): Promise<number> {
  const replies = await Promise.all(edges.map(async (edge) => await operator.setWeight(edge, 99)));
  for (const { status, body, tookMs } of replies) {
    mustBe([status, body.type?.split(/[/:]/).at(-1)], [503, 'store-unavailable'], JSON.stringify(body));
    mustTakeLessThan(REFUSED_WITHIN_MS, tookMs, 'a refusal');
  }
  return Math.max(...replies.map(({ tookMs }) => tookMs));
}

/** @returns the longest time until a rollback was in force, on its edge alone */
async function rollBackEverywhere({ edges, operator }: RedisFleet): Promise<number> {
  const replies = await Promise.all(edges.map(async (edge) => await operator.rollBack(edge, `back at ${edge.id}`)));
  for (const { status, body, tookMs } of replies) {
    mustBe([status, body.weight, body.stored], [200, 0, false], JSON.stringify(body));
    mustTakeLessThan(ROLLED_BACK_WITHIN_MS, tookMs, 'a rollback');
  }
  return Math.max(...replies.map(({ tookMs }) => tookMs));
}

/** @returns the time until all edges agreed */
async function rollbackHolds({ edges, operator }: RedisFleet, revision: number): Promise<number> {
  const { tookMs } = await until(
    async () => await Promise.all(edges.map(async (edge) => await operator.route(edge))),
    (routes) =>
      routes.every(({ weight, stored, revision: each, acknowledged }) => {
        const isEverywhere = each === routes[0]!.revision && acknowledged.serving === 3;
        return weight === 0 && stored && each > revision && isEverywhere;
      }),
    AGREED_WITHIN_MS,
  );
  const audits = await Promise.all(edges.map(async (edge) => await operator.audit(edge)));
  for (const { entries } of audits) {
    const reasons = entries.filter((entry) => entry.revision > revision).map(({ reason }) => reason);
    mustBe(reasons.toSorted(), ['back at edge-1', 'back at edge-2', 'back at edge-3']);
  }
  const { store, replicas } = await operator.replicas(edges[0]!);
  mustBe(store.state, 'up');
  mustBe(
    replicas.filter(({ state }) => state !== 'live'),
    [],
  );
  return tookMs;
}
