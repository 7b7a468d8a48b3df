import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { meet, startRampingFleet, stateOf, who } from './test/ramping-fleet.ts';
import { replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();

const timed = ({ told }: Replica) => told.filter(([what]) => what === 'rolledBack');

async function untilTimed(edge: Replica, count = 1): Promise<void> {
  while (timed(edge).length < count) await delay(2);
}

/** All that could be heard of has been. */
async function settled(edge: Replica): Promise<void> {
  await edge.plane.round();
  await delay(50);
}

test('a rollback is timed once every edge that lives serves it, on the edge that took the order', async () => {
  const first = await replica();
  const second = await replica({ id: 'edge-2', store: first.store.another() });
  await first.change(40);
  await second.plane.round();
  await first.rollback();
  await second.plane.round();
  await untilTimed(first);
  expect(timed(first)).toEqual([['rolledBack', 'wod']]);
  expect(timed(second)).toEqual([]);
});

test('a drill, and a weight of 0, send everybody back too; no other change does', async () => {
  const edge = await replica();
  await edge.change(40);
  await edge.change(20);
  await settled(edge);
  expect(timed(edge)).toEqual([]);
  await edge.control.drill({ ...who, reason: 'quarterly' });
  await untilTimed(edge);
  await edge.change(0);
  await untilTimed(edge, 2);
});

test("a ramp's own rollback is timed", async () => {
  const { edges } = await startRampingFleet(replica, 1, { steps: '50 %, 100 %' });
  const [edge] = edges as [Replica];
  for (let look = 0; look < 20 && stateOf(edge).weight > 0; look++) await meet(edges, { met: { new: 'failed' } });
  expect(stateOf(edge).weight).toBe(0);
  await untilTimed(edge);
});

test('one that the store did not have is timed from its order until the store and all edges have it', async () => {
  const edge = await replica();
  await edge.change(40);
  edge.store.break(new Error('cut off'));
  await edge.rollback();
  await settled(edge);
  expect(timed(edge)).toEqual([]);
  edge.store.mend();
  await edge.plane.round();
  await untilTimed(edge);
});
