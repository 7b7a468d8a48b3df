import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startAdminApi } from './admin-api.fixture.ts';
import { LoadTestError } from './failures.ts';
import { restoring } from './restoring.ts';
import { RouteWeight } from './route-weight.ts';

let edges: Awaited<ReturnType<typeof startAdminApi>>[];
const find = async () =>
  await RouteWeight.find({ adminUrls: edges.map(({ url }) => url), token: 'a.b.c', reason: 'load test: rollout' });
const weights = () => edges.map(({ state }) => state.weight);
const TAKEN_OVER =
  /^http:\S+: somebody else changed the weight to 0 % \(revision \d+, by olga@fit\.example\); it stays as it is$/;

beforeEach(async () => {
  edges = [await startAdminApi(10), await startAdminApi(25)];
});
afterEach(() => {
  for (const edge of edges) edge.stop();
});

describe('the weight of a route', () => {
  test('is set on every edge, and restored on each to what was found there', async () => {
    const weight = await find();
    expect(weight.found).toBe(10);
    const change = await weight.set(50);
    expect(weights()).toEqual([50, 50]);
    expect(change.weight).toBe(50);
    expect(change.answeredAt).toBeGreaterThanOrEqual(change.askedAt);
    await weight.rollBack();
    expect(weights()).toEqual([0, 0]);
    await weight.check();
    expect(await weight.restore()).toEqual([]);
    expect(weights()).toEqual([10, 25]);
    expect(edges.map(({ state }) => state.changes)).toEqual([
      ['weight 50', 'rollback 0', 'weight 10'],
      ['weight 50', 'rollback 0', 'weight 25'],
    ]);
  });

  test('that is in force already is not set again', async () => {
    const weight = await find();
    await weight.set(10);
    expect(await weight.restore()).toEqual([]);
    expect(edges.map(({ state }) => state.revision)).toEqual([3, 5]);
  });

  test('cannot be read where no edge answers', async () => {
    edges[1]!.stop();
    await expect(find()).rejects.toThrow(/^The admin API .* cannot be reached$/);
  });
});

describe('what an operator sets during a run is never overridden', () => {
  test.each<[string, (weight: RouteWeight) => Promise<unknown>]>([
    ['the next step', async (weight) => await weight.set(75)],
    ['a step to the weight in force', async (weight) => await weight.set(50)],
    ['the rollback', async (weight) => await weight.rollBack()],
    ['a look', async (weight) => await weight.check()],
  ])('by %s', async (_name, next) => {
    const weight = await find();
    await weight.set(50);
    edges[0]!.operatorSets(0);
    await expect(next(weight)).rejects.toThrow(TAKEN_OVER);
    await expect(next(weight)).rejects.toMatchObject({ code: 'taken-over', exitCode: 1 });
    expect(await weight.restore()).toEqual([]);
    // The other edge is the runner's still.
    expect(weights()).toEqual([0, 25]);
  });

  test('nor by restoring what was found', async () => {
    const weight = await find();
    await weight.set(50);
    edges[0]!.operatorSets(0);
    expect(await weight.restore()).toEqual([expect.stringMatching(TAKEN_OVER)]);
    expect(weights()).toEqual([0, 25]);
  });

  test('even where it is the same weight', async () => {
    const weight = await find();
    await weight.set(50);
    edges[0]!.operatorSets(50);
    await expect(weight.check()).rejects.toThrow(/changed the weight to 50 %/);
  });
});

describe('restoring', () => {
  test('an own change whose answer got lost is restored', async () => {
    const weight = await find();
    edges[0]!.state.fails = 'after';
    await expect(weight.set(50)).rejects.toThrow(/refuses \(500\)/);
    edges[0]!.state.fails = undefined;
    expect(weights()).toEqual([50, 50]);
    expect(await weight.restore()).toEqual([]);
    expect(weights()).toEqual([10, 25]);
  });

  test('that fails is told in the last line: what is in force, and how to set it back', async () => {
    const weight = await find();
    const run = restoring(weight, async () => {
      await weight.set(50);
      edges[0]!.state.fails = 'before';
      throw new LoadTestError('interrupted', 'Interrupted by SIGINT', { exitCode: 130 });
    });
    const { url } = edges[0]!;
    await expect(run).rejects.toMatchObject({
      exitCode: 130,
      message: `Interrupted by SIGINT
The weight is not restored (The admin API ${url} refuses (500): no reason given): in force is 50 %; set it back with \
npx edgectl --url ${url} weight wod 10 --reason "after a load test"`,
    });
    expect(weights()).toEqual([50, 25]);
  });

  test('a run that passed has failed if the weight is left', async () => {
    const left = restoring(
      { restore: async () => await Promise.resolve(['left']) },
      async () => await Promise.resolve(),
    );
    await expect(left).rejects.toMatchObject({ message: 'left', exitCode: 1 });
  });
});
