import { expect, test } from '@jest/globals';
import { misplaced, step, userOf } from '../test/control/users.ts';
import type { Asked } from '../test/control/users.ts';
import { propagationOf, propagationText } from './propagation-figures.ts';

/** On the new side at 75 %, not at 25 %; and somebody who is there at both. */
const moving = { ...userOf('moving'), hash: 0x80000000 };
const staying = { ...userOf('staying'), hash: 1 };
const asked = (edge: number, answeredAt: number, by: string, user = moving): Asked => ({
  user,
  edge,
  sentAt: answeredAt - 2,
  answeredAt,
  by,
});
const steps = [step(25, 0, 10), step(75, 100, 140), step(25, 200, 260)];

test('a change is in force when the last edge has served somebody whom it moves', () => {
  const found = propagationOf({
    store: 'Redis',
    edges: 2,
    steps,
    seconds: 2,
    asked: [
      asked(0, 50, 'legacy'),
      asked(0, 105, 'coach', staying),
      asked(0, 110, 'legacy'),
      asked(0, 112, 'coach'),
      asked(1, 120, 'legacy'),
      asked(1, 130, 'coach'),
      asked(0, 150, 'coach'),
      asked(1, 204, 'legacy'),
      asked(0, 250, 'legacy'),
    ],
  });
  expect(found).toMatchObject({ changes: 2, requests: 9, requestsPerSecond: 4.5, failed: 0, misrouted: 0 });
  expect(found.inForce).toEqual({ median: 40, p95: 50, max: 50 });
  expect(found.acknowledged).toEqual({ median: 50, p95: 60, max: 60 });
  expect(propagationText([found])).toMatch(/2 edges, store: Redis; 2 changes.*\n.*\n.*40\.0\s+50\.0\s+50\.0\n/);
});

test('a change that an edge never served is not in force', () => {
  const seen = [asked(0, 110, 'coach'), asked(1, 130, 'legacy')];
  const { inForce } = propagationOf({ store: 'file', edges: 2, steps: steps.slice(0, 2), seconds: 1, asked: seen });
  expect(inForce.max).toBe(Infinity);
});

test.each([
  ['before a change, as it was', asked(0, 50, 'legacy'), true],
  ['before a change, as it will be', asked(0, 50, 'coach'), false],
  ['while it spreads, as before', asked(0, 130, 'legacy'), true],
  ['while it spreads, as after', asked(0, 130, 'coach'), true],
  ['sent while it spread, as before', asked(0, 141, 'legacy'), true],
  ['once it is in force everywhere, as before', asked(0, 150, 'legacy'), false],
  ['somebody whom no change moves', asked(0, 130, 'legacy', staying), false],
  ['a fallback', asked(0, 50, '200 by legacy, fallback: coach timeout'), false],
])('%s', (_when, request, isRight) => {
  expect(misplaced([request], steps)).toHaveLength(isRight ? 0 : 1);
});

test('failed requests are told apart from misrouted ones', () => {
  const seen = [asked(0, 50, 'Error: reset'), asked(0, 50, 'coach'), asked(0, 110, 'coach')];
  const found = propagationOf({ store: 'file', edges: 1, steps: steps.slice(0, 2), seconds: 1, asked: seen });
  expect(found).toMatchObject({ failed: 1, misrouted: 1 });
});
