import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { AnswerCopy } from '../data-plane/answer-copy.ts';
import type { FollowedRequest } from '../data-plane/follower.ts';
import { Mirror } from '../data-plane/mirror.ts';
import type { Side } from '../domain/split.ts';
import { LiveCheck } from './live-check.ts';
import type { Answered } from './pair-check.ts';
import { RouteWatch } from './route-watch.ts';
import { SpareTime } from './spare-time.ts';
import { WorkBudget } from './work-budget.ts';

const OPEN_MS = 20;

/** Checks at a standstill of the clock, each of which takes all the time that there is. */
function rig() {
  const budget = new WorkBudget({ msPerSecond: OPEN_MS, usedMs: () => 0, now: () => 0 });
  const told: Side[] = [];
  const checks = new LiveCheck({
    mirror: new Mirror(),
    spare: new SpareTime(budget),
    now: () => 0,
    checked: ({ side }) => told.push(side),
    invalid: () => {},
    failed: (_watch, error) => {
      throw error;
    },
  });
  const compare = { headers: [], ignore: [], tolerance: {}, redact: [], checkPercent: 10 };
  const mirror = { maxInFlight: 8, timeoutMs: 1000, maxBodyBytes: 10_000 };
  const check = async () => {
    budget.spend(OPEN_MS);
    return [];
  };
  const watch = new RouteWatch({ name: 'wod', mirror, compare }, { compare: () => [], check });
  return { budget, told, make: (side: Side) => checks.make(answered(watch, side)) };
}

/** The old side packs its answers, which takes a while to undo. */
function answered(watch: RouteWatch, side: Side): Answered {
  const sides = { old: {}, new: {} };
  const copy = new AnswerCopy(10_000);
  copy.begin(200, side === 'old' ? ['content-encoding', 'gzip'] : []);
  copy.add(side === 'old' ? gzipSync('{}') : Buffer.from('{}'));
  copy.end();
  const request = { route: { sides }, copy, method: 'GET', head: { target: '/' }, state: { mirrorEpoch: 1 } };
  const outcome = { servedBy: sides[side], status: 200, fallback: undefined };
  return { watch, request: request as unknown as FollowedRequest, outcome: outcome as unknown as Answered['outcome'] };
}

test('where time runs out, the side whose answers take longer to unpack loses no more than the other', async () => {
  const { told, make } = rig();
  const sides = Array.from({ length: 8 }, (_, at): Side => (at % 2 === 0 ? 'old' : 'new'));
  await Promise.all(sides.map(make));
  expect(told.toSorted()).toEqual(sides.toSorted());
});

test.each(['old', 'new'] as const)('of the %s side nothing is checked once there is no time left', async (side) => {
  const { budget, told, make } = rig();
  budget.spend(OPEN_MS);
  await make(side);
  expect(told).toEqual([]);
});

test('no more are let in at once than can be under way', async () => {
  const { told, make } = rig();
  await Promise.all(Array.from({ length: 40 }, async () => await make('new')));
  expect(told).toHaveLength(16);
});
