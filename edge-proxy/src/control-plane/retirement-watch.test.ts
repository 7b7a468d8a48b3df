import { beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryStore } from '../adapters/memory-store.ts';
import type { RouteFacts } from '../domain/retirement.ts';
import { sumOfParity } from '../domain/sum-parity.ts';
import type { Observed } from './observed.ts';
import { RetirementWatch } from './retirement-watch.ts';
import { BEGINNING, ROUTING } from './test/replica.ts';

const DAY = 86_400_000;
const start = Date.UTC(2026, 2, 1);
const directCalls = { path: '/metrics', counter: 'calls_total{caller="direct"}' };
const [wod] = ROUTING.routes;
const route = { ...wod!, retire: { ...wod!.retire, directCalls } };

let store: MemoryStore;
let now: number;
/** What the monolith publishes: its calls, and when its process started. */
let published: readonly (number | undefined)[];
let use: Partial<RouteFacts>;

beforeEach(() => {
  store = new MemoryStore();
  now = start;
  published = [0, 1000];
  use = {};
});

/** As another edge, or the same one started again, has it. */
function watch(): RetirementWatch {
  const observed: Pick<Observed, 'oldSideUseOf' | 'countersOf'> = {
    oldSideUseOf: () => use,
    countersOf: async () => published,
  };
  return new RetirementWatch({ counts: store.counts, store, observed, now: () => new Date(now) });
}

describe('calls past the edge', () => {
  test.each([
    ['none', [0, 1000], [0, 1000], undefined],
    ['some since the last look', [3, 1000], [4, 1000], start + DAY],
    ['only some before the first look', [3, 1000], [3, 1000], undefined],
    ['some of a process that was started again', [3, 1000], [1, 2000], start + DAY],
    ['none of a process that was started again', [3, 1000], [0, 2000], undefined],
    ['unknown, as the metric cannot be had', [3, 1000], [undefined, undefined], undefined],
  ])('are seen, whoever looks: %s', async (_case, first, second, calledDirectly) => {
    published = first;
    await watch().noteDirectCalls(route);
    now += DAY;
    published = second;
    await watch().noteDirectCalls(route);
    const facts = await watch().factsOf('wod');
    expect(facts.calledDirectly).toBe(calledDirectly);
  });

  test('are watched from the first look on, and anew after a gap', async () => {
    const look = async (afterMs: number) => {
      now += afterMs;
      await watch().noteDirectCalls(route);
      return (await watch().factsOf('wod')).directWatchedSince;
    };
    expect(await look(0)).toBe(start);
    expect(await look(30_000)).toBe(start);
    expect(await look(600_000)).toBe(start);
    published = [undefined, undefined];
    expect(await look(DAY)).toBe(start);
    published = [0, 1000];
    expect(await look(30_000)).toBe(now);
  });

  test('are not looked for where nobody says how', async () => {
    await watch().noteDirectCalls(wod!);
    expect(await watch().factsOf('wod')).toEqual({});
  });
});

test('the last use of the old side, and since when it is watched, outlive the edge that saw it', async () => {
  use = { servedByWeight: start - 5, servedByFallback: start - 3 };
  await watch().noteUse(route);
  now += DAY;
  use = { servedByOverride: now };
  await watch().noteUse(route);
  expect(await watch().factsOf('wod')).toEqual({
    servedByWeight: start - 5,
    servedByFallback: start - 3,
    servedByOverride: now,
    watchedSince: start,
  });
});

test('the time that a drill took goes with the last one', async () => {
  await watch().noteDrill('wod', 900);
  now += DAY;
  await watch().noteDrill('wod', 70);
  expect(await watch().factsOf('wod')).toMatchObject({ drilledAt: now, drillMs: 70 });
});

test('a check takes in what this edge saw a moment ago', async () => {
  use = { servedByWeight: now };
  const { conditions, facts } = await watch().check(route, BEGINNING, sumOfParity([]));
  expect(facts.servedByWeight).toBe(now);
  expect(conditions.map(({ name, met }) => [name, met])).toEqual([
    ['full', false],
    ['unused', false],
    ['parity', false],
    ['drilled', false],
  ]);
});
