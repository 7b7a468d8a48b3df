import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { revision } from '../domain/weight.ts';
import { serves } from './fleet.ts';
import { startReplica } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

let first: Replica;
let second: Replica;

beforeEach(async () => {
  first = await startReplica();
  second = await startReplica({ id: 'edge-2', store: first.store.another() });
  await first.plane.round();
});
afterEach(async () => {
  for (const edge of [first, second]) await edge[Symbol.asyncDispose]();
});

const acknowledged = ({ control }: Replica) =>
  control.replicas().map((each) => [each.id, each.routes['wod']?.revision ?? -1]);

describe('the edges on one store', () => {
  test('see each other, each itself first', () => {
    expect(first.control.replicas().map(({ id }) => id)).toEqual(['edge-1', 'edge-2']);
    expect(second.control.replicas().map(({ id }) => id)).toEqual(['edge-2', 'edge-1']);
  });

  test('say which revision they serve as soon as they do', async () => {
    await first.change();
    await first.control.untilAcknowledged({ route: 'wod', revision: revision(1), timeoutMs: 5000 });
    expect(acknowledged(first)).toEqual([
      ['edge-1', 1],
      ['edge-2', 1],
    ]);
  });

  test('that are cut off are waited for no longer than asked, and seen not to serve it', async () => {
    second.store.break(new Error('cut off'));
    await first.change();
    const began = performance.now();
    await first.control.untilAcknowledged({ route: 'wod', revision: revision(1), timeoutMs: 60 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
    expect(acknowledged(first)).toEqual([
      ['edge-1', 1],
      ['edge-2', 0],
    ]);
  });

  test('that left are not waited for', async () => {
    await second.plane.close();
    await second.store.close();
    await first.change();
    await first.control.untilAcknowledged({ route: 'wod', revision: revision(1), timeoutMs: 60_000 });
    expect(acknowledged(first)).toEqual([['edge-1', 1]]);
  });

  test('grow older in the sight of one that is cut off', async () => {
    first.store.break(new Error('cut off'));
    await first.plane.round();
    const [, seen] = first.control.replicas();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(first.control.replicas()[1]!.seenMsAgo).toBeGreaterThan(seen!.seenMsAgo);
  });
});

test.each([
  [0, 1, false],
  [1, 1, true],
  [2, 1, true],
])('an edge at revision %d serves revision %d: %p', (own, wanted, expected) => {
  const [replica] = first.control.replicas();
  const routes = { wod: { ...replica!.routes['wod']!, revision: revision(own) } };
  expect(serves({ ...replica!, routes }, 'wod', revision(wanted))).toBe(expected);
  expect(serves({ ...replica!, routes: {} }, 'wod', revision(wanted))).toBe(false);
});

describe('traffic', () => {
  test('has one sample a round, with what was in force', async () => {
    await first.change(10);
    await first.plane.round();
    const samples = first.control.traffic('wod');
    expect(samples.map(({ weight, replicas }) => [weight, replicas])).toEqual([
      [500, 1],
      [500, 2],
      [1000, 2],
    ]);
    expect(first.control.traffic('nope')).toEqual([]);
  });

  test('is told to those who subscribe, at every round and at every change, until they leave', async () => {
    let told = 0;
    const leave = first.control.subscribe(() => told++);
    await first.plane.round();
    const atRound = told;
    expect(atRound).toBeGreaterThan(0);
    await first.change(10);
    const atChange = told;
    expect(atChange).toBeGreaterThan(atRound);
    leave();
    await first.change(20);
    expect(told).toBe(atChange);
  });
});
