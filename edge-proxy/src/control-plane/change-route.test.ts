import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { NOBODY, weightFromPercent } from '../domain/weight.ts';
import { BEGINNING, startReplica } from './test/replica.ts';
import type { Replica } from './test/replica.ts';

let edge: Replica;

beforeEach(async () => {
  edge = await startReplica();
});
afterEach(async () => {
  await edge[Symbol.asyncDispose]();
});

const stored = async () => (await edge.store.load()).states.get('wod');

describe('a change', () => {
  test('is stored and in force when it is answered, with actor, reason and time', async () => {
    const after = {
      ...BEGINNING,
      revision: 1,
      weight: 1000,
      weightBefore: 500,
      epoch: { revision: 1, since: '2026-03-01T03:00:00.000Z' },
      changedBy: 'ops@fit.example',
      changedAt: '2026-03-01T03:00:00.000Z',
      reason: 'to 10 %',
    };
    const result = await edge.change(10);
    expect(result).toMatchObject({ kind: 'changed', before: { revision: 0, weight: 500 }, after, isStored: true });
    expect(edge.holder.current.get('wod')).toEqual(after);
    expect(await stored()).toEqual(after);
  });

  test('is not in force before it is stored', async () => {
    const seen: number[] = [];
    const append = edge.store.append.bind(edge.store);
    edge.store.append = async (...change) => {
      seen.push(edge.serves().percent);
      return await append(...change);
    };
    await edge.change(10);
    expect(seen).toEqual([5]);
    expect(edge.serves()).toEqual({ percent: 10, revision: 1 });
  });

  test('leaves other routes, and snapshots that were taken before, as they are', async () => {
    const taken = edge.holder.current;
    await edge.change();
    expect(taken.get('wod')?.weight).toBe(500);
    expect(edge.holder.current.get('history')).toBe(taken.get('history'));
  });

  test('of a route that is not configured changes nothing', async () => {
    for (const route of ['nope', '__proto__', 'constructor', '']) {
      const who = { route, changedBy: 'ops@fit.example', reason: 'why' };
      const expected = edge.holder.current.get('wod')!.revision;
      expect(await edge.control.changeWeight({ ...who, weight: NOBODY, expected })).toEqual({ kind: 'unknown-route' });
      expect(await edge.control.rollback(who)).toEqual({ kind: 'unknown-route' });
    }
    expect((await edge.store.load()).states.size).toBe(0);
  });

  test.each([1, 7])('that expects revision %d of a route at 0 is told what is there', async (expected) => {
    const taken = edge.holder.current;
    expect(await edge.change(10, expected)).toEqual({ kind: 'conflict', current: taken.get('wod') });
    expect(edge.holder.current).toBe(taken);
    expect(await stored()).toBeUndefined();
  });

  test('that cannot be stored changes nothing; the next one is tried anew', async () => {
    const taken = edge.holder.current;
    const full = new Error('ENOSPC: no space left on device');
    edge.store.break(full);
    expect(await edge.change()).toMatchObject({ kind: 'unavailable', cause: full });
    expect(edge.holder.current).toBe(taken);
    edge.store.mend();
    expect(await edge.change()).toMatchObject({ kind: 'changed', after: { revision: 1 } });
  });

  test('that fails unexpectedly does not block the ones behind it', async () => {
    const append = edge.store.append.bind(edge.store);
    let fails = true;
    edge.store.append = async (...change) => {
      if (!fails) return await append(...change);
      fails = false;
      throw new Error('a fault in the adapter');
    };
    const [first, second] = await Promise.allSettled([edge.change(), edge.change()]);
    expect(first.status).toBe('rejected');
    expect(second).toMatchObject({ status: 'fulfilled', value: { kind: 'changed' } });
  });
});

test('of 50 changes at once with the same revision one wins and 49 are told the winner', async () => {
  const results = await Promise.all(Array.from({ length: 50 }, (_, each) => edge.change(each + 1, 0)));
  const winner = edge.holder.current.get('wod')!;
  expect(winner.revision).toBe(1);
  expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
  expect(results.filter((result) => result.kind === 'conflict' && result.current === winner)).toHaveLength(49);
});

describe('with another edge on the same store', () => {
  let other: Replica;

  beforeEach(async () => {
    other = await startReplica({ id: 'edge-2', store: edge.store.another() });
  });
  afterEach(async () => {
    await other[Symbol.asyncDispose]();
  });

  test('a change that comes second is told the first, which is in force then', async () => {
    const [first, second] = await Promise.all([other.change(50, 0), edge.change(10, 0)]);
    expect(first.kind).toBe('changed');
    expect(second).toMatchObject({ kind: 'conflict', current: { revision: 1, weight: 5000 } });
    expect(edge.serves()).toEqual({ percent: 50, revision: 1 });
  });

  test('a revision that was seen there counts here before it has come', async () => {
    // Told later than whoever asks.
    const delayed = await startReplica({ id: 'edge-3', store: deaf(edge.store.another()) });
    await other.change(50, 0);
    expect(delayed.serves()).toEqual({ percent: 5, revision: 0 });
    expect(await delayed.change(60, 1)).toMatchObject({
      kind: 'changed',
      before: { weight: 5000 },
      after: { revision: 2 },
    });
    await delayed[Symbol.asyncDispose]();
  });

  test('a rollback goes after what is there, whatever that is', async () => {
    await other.change(100, 0);
    await other.change(50, 1);
    expect(await edge.rollback()).toMatchObject({ kind: 'changed', after: { revision: 3, weight: 0 }, isStored: true });
    await other.plane.round();
    expect(other.serves()).toEqual({ percent: 0, revision: 3 });
  });

  test('a rollback is in force at once, however often others are first, and is stored in the end', async () => {
    const append = edge.store.append.bind(edge.store);
    let rivals = 7;
    edge.store.append = async (next, expected) => {
      if (rivals-- > 0)
        await append({ ...next, weight: weightFromPercent(60), changedBy: 'somebody faster' }, expected);
      return await append(next, expected);
    };
    expect(await edge.rollback()).toMatchObject({ kind: 'changed', after: { weight: 0 }, isStored: false });
    expect(edge.serves().percent).toBe(0);
    await edge.plane.round();
    expect(edge.serves()).toEqual({ percent: 0, revision: 7 });
    expect(await stored()).toMatchObject({ weight: 0, changedBy: 'ops@fit.example', revision: 7 });
  });
});

/** A store that tells no news. */
function deaf(store: Replica['store']): Replica['store'] {
  store.watch = () => undefined;
  return store;
}
