import { setTimeout as delay } from 'node:timers/promises';
import { until } from './fleet.ts';
import type { RedisFleet } from './fleet.ts';
import { mustBe } from './must-be.ts';
import type { Operator } from './operator.ts';
import { Users, misplaced, step, usersOf } from './users.ts';
import type { WholeEdge } from './whole-edge.ts';

export type CutOffOptions = {
  /** At least; until the edge is known to be silent it takes some seconds. */ cutMs: number;
};
export type CutOff = { silentMs: number; backMs: number; wonMs: number; requests: number };

const WAIT_MS = 5000;
const BACK_WITHIN_MS = 5000;
const IN_FORCE_WITHIN_MS = 1000;
const PER_SECOND = 150;
const LOOK_EVERY_MS = 20;

/**
 * One edge is cut off from Redis while others go on changing weights: it keeps its weight, the others say that it is
 * silent, and when it is back it is soon at the newest revision and never at an older one again. Then it is cut off once
 * more, and rolled back there alone: that wins.
 *
 * @returns the times that it took
 */
export async function cutOff({ edges, operator, relay }: RedisFleet, { cutMs }: CutOffOptions): Promise<CutOff> {
  const [first, second, third] = edges as [WholeEdge, WholeEdge, WholeEdge];
  const changed = await operator.setWeight(first, 40, { waitMs: WAIT_MS });
  mustBe(changed.body.acknowledged, { serving: 3, replicas: 3 });
  await using users = new Users({ urls: [third.url], users: usersOf(500) });
  users.askSteadily(PER_SECOND);
  await using sampled = sampleRevisions(async () => (await operator.route(third)).revision);

  relay.cut();
  const cutAt = performance.now();
  for (const [weight, edge] of [
    [70, first],
    [10, second],
    [90, first],
  ] as const) {
    mustBe((await operator.setWeight(edge, weight)).status, 200);
    await until(
      async () => (await operator.route(edge)).acknowledged,
      ({ serving, replicas }) => serving === 2 && replicas === 3,
    );
  }
  const silentMs = await thirdIs('silent');
  await delay(Math.max(0, cutAt + cutMs - performance.now()));
  mustBe((await operator.route(third)).revision, changed.body.revision);
  const { revision } = await operator.route(first);
  const mendedAt = performance.now();
  relay.mend();
  const backMs = await everybodyAt(({ revision: each }) => each === revision);
  const backAt = performance.now();
  await thirdIs('live');

  // The weights of the time of the cut may come by late, one after the other.
  const steps = [step(40), step(70, mendedAt, backAt), step(10, mendedAt, backAt), step(90, mendedAt, backAt)];
  mustBe(misplaced([...users.asked], steps), []);

  relay.cut();
  const { body: rolledBack } = await rolledBackAlone(operator, third, users);
  mustBe([rolledBack.weight, rolledBack.stored], [0, false]);
  await operator.setWeight(second, 95);
  relay.mend();
  const wonMs = await everybodyAt(({ weight, stored }) => weight === 0 && stored);
  const { entries } = await operator.audit(first);
  mustBe([entries[0]?.reason, entries[1]?.reason], ['back at edge-3', 'to 95']);

  const revisions = await sampled.stop();
  mustBe(
    revisions,
    revisions.toSorted((one, other) => one - other),
    'the revisions that it served',
  );
  return { silentMs, backMs, wonMs, requests: (await users.stop()).length };

  async function thirdIs(state: string): Promise<number> {
    const seenBy = async (edge: WholeEdge) =>
      (await operator.replicas(edge)).replicas.find(({ id }) => id === third.id)?.state;
    const { tookMs } = await until(
      async () => [await seenBy(first), await seenBy(second)],
      (states) => states.every((each) => each === state),
    );
    return tookMs;
  }

  async function everybodyAt(holds: (route: Awaited<ReturnType<typeof operator.route>>) => boolean): Promise<number> {
    const { tookMs } = await until(
      async () => await Promise.all(edges.map(async (edge) => await operator.route(edge))),
      (routes) => routes.every(holds),
      BACK_WITHIN_MS,
    );
    return tookMs;
  }
}

/** In force at once, though nobody knows yet that Redis does not answer. */
async function rolledBackAlone(operator: Operator, edge: WholeEdge, users: Users) {
  const askedAt = performance.now();
  const rollingBack = operator.rollBack(edge, `back at ${edge.id}`);
  await until(
    () => operator.route(edge),
    ({ weight }) => weight === 0,
    IN_FORCE_WITHIN_MS,
  );
  const inForceAt = performance.now();
  const reply = await rollingBack;
  const sentSince = users.asked.filter(({ sentAt }) => sentAt >= inForceAt);
  mustBe(misplaced(sentSince, [step(0, askedAt)]), []);
  return reply;
}

/** What an edge serves, again and again until it is stopped. */
function sampleRevisions(look: () => Promise<number>) {
  const revisions: number[] = [];
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      revisions.push(await look());
      await delay(LOOK_EVERY_MS);
    }
  })();
  const stop = async () => {
    stopping.abort();
    await running;
    return revisions;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
