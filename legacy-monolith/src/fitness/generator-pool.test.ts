import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { GeneratorPool, randomCost } from './generator-pool.ts';

const forever = new AbortController().signal;

/** A pool whose runs last until they are let go, one after the other. */
function gatedPool(workers: number, queue: number) {
  const gates: (() => void)[] = [];
  const registry = new Registry();
  const cost = () => new Promise<void>((open) => gates.push(open));
  const limits = { workers, queue, costMs: { min: 1000, max: 5000 } };
  const pool = new GeneratorPool(limits, cost, registry);
  return {
    pool,
    registry,
    started: () => gates.length,
    finishNext: async () => {
      gates.shift()!();
      await settled();
    },
  };
}

/** All promises that can go on have gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('GeneratorPool', () => {
  test('so many run, so many wait, the next is refused at once', async () => {
    const { pool, started, finishNext } = gatedPool(2, 3);
    const runs = Array.from({ length: 5 }, (_, index) => pool.run(forever, async () => index));
    await settled();
    expect(started()).toBe(2);
    await expect(pool.run(forever, async () => 5)).rejects.toMatchObject({
      code: 'overloaded',
      headers: { 'retry-after': '8' },
    });
    await finishNext();
    expect(started()).toBe(2);
    const late = pool.run(forever, async () => 5);
    for (let left = 0; left < 5; left += 1) await finishNext();
    expect(await Promise.all([...runs, late])).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('with a queue of 0 nobody waits, but every worker can be had', async () => {
    const { pool, finishNext } = gatedPool(1, 0);
    const run = pool.run(forever, async () => 'done');
    await expect(pool.run(forever, async () => 'late')).rejects.toMatchObject({ code: 'overloaded' });
    await finishNext();
    expect(await run).toBe('done');
  });

  test('a client that leaves while it waits gives its place up and costs nothing', async () => {
    const { pool, started, finishNext } = gatedPool(1, 1);
    const client = new AbortController();
    const first = pool.run(forever, async () => 'first');
    const leaver = pool.run(client.signal, async () => 'never');
    client.abort(new Error('left'));
    await expect(leaver).rejects.toThrow('left');
    const third = pool.run(forever, async () => 'third');
    await finishNext();
    await finishNext();
    expect(await Promise.all([first, third])).toEqual(['first', 'third']);
    expect(started()).toBe(0);
  });

  test('a client that leaves later keeps its slot to the end of the cost, and no work is done for it', async () => {
    const { pool, started, finishNext } = gatedPool(1, 1);
    const client = new AbortController();
    let worked = false;
    const leaver = pool.run(client.signal, async () => (worked = true));
    const next = pool.run(forever, async () => 'next');
    await settled();
    client.abort(new Error('left'));
    await settled();
    expect(started()).toBe(1);
    await finishNext();
    await expect(leaver).rejects.toThrow('left');
    await finishNext();
    expect(await next).toBe('next');
    expect(worked).toBe(false);
  });

  test('draining refuses those who wait, and waits for those who run', async () => {
    const { pool, finishNext } = gatedPool(1, 1);
    const running = pool.run(forever, async () => 'done');
    const waiting = pool.run(forever, async () => 'never');
    const drained = pool.drain();
    await expect(waiting).rejects.toMatchObject({ code: 'not-ready' });
    await expect(pool.run(forever, async () => 'late')).rejects.toMatchObject({ code: 'not-ready' });
    await finishNext();
    await drained;
    expect(await running).toBe('done');
  });

  test('a failure frees its slot', async () => {
    const { pool, finishNext } = gatedPool(1, 1);
    const failing = pool.run(forever, () => Promise.reject(new Error('no')));
    failing.catch(() => undefined);
    const next = pool.run(forever, async () => 'next');
    await finishNext();
    await finishNext();
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });

  test('metrics tell how many wait and run', async () => {
    const { pool, registry, finishNext } = gatedPool(1, 5);
    const runs = [1, 2, 3].map((id) => pool.run(forever, async () => id));
    await settled();
    const metrics = await registry.metrics();
    expect(metrics).toMatch(/^legacy_wod_queued 2$/m);
    expect(metrics).toMatch(/^legacy_wod_running 1$/m);
    for (const _ of runs) await finishNext();
    await Promise.all(runs);
    expect(await registry.metrics()).toMatch(/^legacy_wod_wait_seconds_count 3$/m);
  });
});

test('a cost of 0 waits for no timer', async () => {
  let isDone = false;
  void randomCost({ min: 0, max: 0 })().then(() => (isDone = true));
  await Promise.resolve()
    .then(() => undefined)
    .then(() => undefined);
  expect(isDone).toBe(true);
});
