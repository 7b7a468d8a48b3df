import { expect, test } from '@jest/globals';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import type { Notifier, RouteNotification } from './notifier.ts';
import { replicasOfEachTest } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

const replica = replicasOfEachTest();
const who = { route: 'wod', changedBy: 'ops@fit.example', reason: 'why' };
const plan = rampPlanSchema.parse({ steps: '10 %, 100 %' });

const stateOf = (edge: Replica) => edge.holder.current.get('wod')!;
const start = (edge: Replica) => edge.control.startRamp({ ...who, plan, expected: stateOf(edge).revision });

/** Keeps what it was told. */
function listening(): { told: RouteNotification[]; notifier: Notifier } {
  const told: RouteNotification[] = [];
  const notifier: Notifier = {
    notify: async (event) => {
      told.push(event);
      return 'delivered';
    },
  };
  return { told, notifier };
}

/** Looks until it was told of so many changes. */
async function untilTold(edge: Replica, told: readonly unknown[], count: number): Promise<void> {
  for (let look = 0; told.length < count && look < 1000; look++) {
    await edge.plane.judge();
    await new Promise(setImmediate);
  }
  expect(told).toHaveLength(count);
}

test('people are told of every change of a ramp once, in order, with an id of its own', async () => {
  const { told, notifier } = listening();
  const edge = await replica({ notifier });
  await edge.plane.judge();
  await new Promise(setImmediate);
  await start(edge);
  for (const order of ['pause', 'resume', 'promote', 'freeze'] as const)
    await edge.control.steerRamp({ ...who, order });
  const { mirrorShare } = stateOf(edge);
  await edge.control.setMirror({ ...who, share: mirrorShare, expected: stateOf(edge).revision });
  await edge.rollback();
  await untilTold(edge, told, 6);
  expect(told.map(({ kind, id, weightAfter }) => [kind, id, weightAfter])).toEqual([
    ['started', 'wod:1', 1000],
    ['paused', 'wod:2', 1000],
    ['resumed', 'wod:3', 1000],
    ['promoted', 'wod:4', 10_000],
    ['frozen', 'wod:5', 10_000],
    ['rolled-back', 'wod:7', 0],
  ]);
  await edge.plane.judge();
  expect(told).toHaveLength(6);
  expect(edge.told.filter(([event]) => event === 'notified')).toHaveLength(6);
});

test('what happened before anybody was to be told stays untold', async () => {
  const silent = await replica();
  await start(silent);
  await silent.plane.judge();
  await silent.plane.close();
  const { told, notifier } = listening();
  const edge = await replica({ id: 'edge-2', store: silent.store.another(), notifier });
  await edge.plane.judge();
  await new Promise(setImmediate);
  await edge.rollback();
  await untilTold(edge, told, 1);
  expect(told[0]).toMatchObject({ kind: 'rolled-back', weightBefore: 1000, edge: 'edge-2' });
});

test('an edge that leads again tells nothing that another leader told meanwhile', async () => {
  const { told, notifier } = listening();
  const first = await replica({ notifier });
  const second = await replica({ id: 'edge-2', store: first.store.another(), notifier });
  const lead = async (edge: Replica, other: Replica) => {
    await other.store.resign(other.incarnation);
    await edge.plane.judge();
    await new Promise(setImmediate);
  };
  await lead(first, second);
  await start(first);
  await untilTold(first, told, 1);
  await lead(second, first);
  await second.rollback();
  await untilTold(second, told, 2);
  await lead(first, second);
  await first.plane.round();
  await lead(first, second);
  expect(told.map(({ kind }) => kind)).toEqual(['started', 'rolled-back']);
});

test('a store that went back to fewer changes does not silence what comes after them', async () => {
  const { told, notifier } = listening();
  const edge = await replica({ notifier });
  await edge.store.counts.raise('use:wod', { notifiedRevision: 90 });
  await edge.plane.judge();
  await new Promise(setImmediate);
  await edge.rollback();
  await untilTold(edge, told, 1);
  expect(told[0]).toMatchObject({ kind: 'rolled-back', revision: 1 });
});

test('what a leader that ended was about to tell is told by the next one', async () => {
  const begun = Promise.withResolvers<void>();
  const hanging: Notifier = {
    notify: (_event, signal) => {
      begun.resolve();
      return new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(new Error('closed'))));
    },
  };
  const first = await replica({ notifier: hanging });
  await first.plane.judge();
  await new Promise(setImmediate);
  await start(first);
  await first.plane.judge();
  await begun.promise;
  await first.plane.close();
  const { told, notifier } = listening();
  const second = await replica({ id: 'edge-2', store: first.store.another(), notifier });
  await untilTold(second, told, 1);
  expect(told[0]).toMatchObject({ kind: 'started', id: 'wod:1' });
});
