import { beforeEach, expect, test } from '@jest/globals';
import { PERIOD_MS } from '../domain/evidence.ts';
import { rampPlanSchema } from '../domain/ramp-plan.ts';
import { nextState } from '../domain/route-state.ts';
import type { RouteState } from '../domain/route-state.ts';
import { startRamp } from '../domain/steer-ramp.ts';
import { CustomGates } from './custom-gates.ts';
import type { Observed } from './observed.ts';
import { BEGINNING, at } from './test/replica.ts';

const author = { changedBy: 'ops', reason: 'why' };
const plan = rampPlanSchema.parse({
  steps: '10 %, 50 %',
  gates: {
    custom: [
      { name: 'stock', upstream: 'coach', bad: 'empty_total', total: 'orders_total' },
      { name: 'mail', upstream: 'coach', good: 'sent_total', total: 'mails_total' },
    ],
  },
});
const STATE = startRamp(BEGINNING, plan, author, at()) as RouteState;

/** What the coach publishes; undefined: it cannot be had. */
let published: Record<string, number | undefined>;
let gates: CustomGates;
let asked: string[];
let nowMs: number;

beforeEach(() => {
  nowMs = at().getTime();
  published = { empty_total: 5, orders_total: 1000, sent_total: 90, mails_total: 100 };
  asked = [];
  const countersOf: Observed['countersOf'] = async (upstream, path, selectors) => {
    asked.push(`${upstream}${path}`);
    return selectors.map((selector) => published[selector]);
  };
  gates = new CustomGates(countersOf, () => new Date(nowMs));
});

test('a gate counts what was bad, or not good, since this edge began to watch', async () => {
  await gates.look(STATE);
  expect(gates.growthOf(STATE)).toEqual({ stock: { bad: 0, total: 0 }, mail: { bad: 0, total: 0 } });
  published = { empty_total: 7, orders_total: 1100, sent_total: 120, mails_total: 140 };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)).toEqual({
    stock: { bad: 2, total: 100, lastPeriod: 1 },
    mail: { bad: 10, total: 40, lastPeriod: 1 },
  });
  expect(new Set(asked)).toEqual(new Set(['coach/metrics']));
});

test('counters that begin anew with their process, or cannot be had for a while, lose nothing that was counted', async () => {
  await gates.look(STATE);
  published = { empty_total: 6, orders_total: 1010, sent_total: undefined, mails_total: undefined };
  await gates.look(STATE);
  published = { empty_total: 1, orders_total: 20, sent_total: 91, mails_total: 101 };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)).toMatchObject({ stock: { bad: 2, total: 30 }, mail: { bad: 0, total: 1 } });
});

test('a counter that is not published before the first thing that it counts was at 0', async () => {
  published['empty_total'] = undefined;
  await gates.look(STATE);
  published = { ...published, empty_total: 30, orders_total: 1100 };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)['stock']).toMatchObject({ bad: 30, total: 100 });
});

test('each epoch counts from its own beginning, and nothing is watched without a ramp', async () => {
  await gates.look(STATE);
  published['orders_total'] = 2000;
  const next = nextState(STATE, { beginsEpoch: true }, author, at());
  await gates.look(next);
  expect(gates.growthOf(next)['stock']).toEqual({ bad: 0, total: 0 });
  expect(gates.growthOf(STATE)).toEqual({});
  asked = [];
  await gates.look(BEGINNING);
  expect(asked).toEqual([]);
  expect(gates.growthOf(BEGINNING)).toEqual({});
});

test('what grows while another edge watches is that one’s to count', async () => {
  await gates.look(STATE);
  published = { empty_total: 6, orders_total: 1010, sent_total: 90, mails_total: 100 };
  await gates.look(STATE);
  gates.rest();
  published = { empty_total: 600, orders_total: 2000, sent_total: 90, mails_total: 100 };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)['stock']).toMatchObject({ bad: 1, total: 10 });
  published = { empty_total: 601, orders_total: 2005, sent_total: 90, mails_total: 100 };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)['stock']).toMatchObject({ bad: 2, total: 15 });
});

test('the period in which a total last grew is known, from when on it is silent or cannot be had', async () => {
  const [total, mails] = [1100, 140];
  await gates.look(STATE);
  expect(gates.growthOf(STATE)['stock']).toEqual({ bad: 0, total: 0 });
  nowMs += PERIOD_MS;
  published = { ...published, orders_total: total, mails_total: mails };
  await gates.look(STATE);
  nowMs += 2 * PERIOD_MS;
  gates.rest();
  published = { ...published, empty_total: 6, mails_total: undefined };
  await gates.look(STATE);
  expect(gates.growthOf(STATE)).toMatchObject({ stock: { total: 100, lastPeriod: 2 }, mail: { lastPeriod: 2 } });
});
