import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Answer, Side } from '../src/answer-line.ts';
import type { WeightChange } from './route-weight.ts';
import { needlessChanges } from './side-changes.ts';

const answer = (askedAt: number, side: Side | undefined, extra: Partial<Answer> = {}): Answer => ({
  askedAt,
  elapsedMs: 5,
  person: 0,
  status: 200,
  side,
  fallback: undefined,
  durationMs: 5,
  fault: undefined,
  ...extra,
});

/** Weights in force from 0, 1000, 2000 … ms on; each change takes 100 ms, from `askedAt` to `answeredAt`. */
const changesTo = (...weights: number[]): WeightChange[] =>
  weights.map((weight, index) => ({ weight, askedAt: index * 1000, answeredAt: index * 1000 + 100 }));

describe('who changed sides without need', () => {
  test.each<[string, number[], Answer[], number]>([
    ['nobody was seen', [0, 50], [], 0],
    ['legacy, then the coach as the weight rises', [0, 50], [answer(500, 'legacy'), answer(1500, 'coach')], 0],
    ['the coach, then legacy as it falls', [50, 0], [answer(500, 'coach'), answer(1500, 'legacy')], 0],
    ['there and back at one weight', [50], [answer(500, 'legacy'), answer(600, 'coach')], 1],
    ['back to legacy as it rises', [10, 50], [answer(500, 'coach'), answer(1500, 'legacy')], 1],
    ['to the coach as it falls', [50, 10], [answer(500, 'legacy'), answer(1500, 'coach')], 1],
    ['another side at the same weight again', [50, 0, 50], [answer(500, 'coach'), answer(2500, 'legacy')], 1],
    ['on the coach at weight 0', [0], [answer(500, 'coach')], 1],
    ['on legacy at weight 100', [100], [answer(500, 'legacy')], 1],
    ['on legacy as the old side stood in', [100], [answer(500, 'legacy', { fallback: 'connection-refused' })], 0],
    ['on no side', [100], [answer(500, undefined, { status: 0 })], 0],
    ['asked before the change, answered after it', [0, 100], [answer(900, 'coach', { elapsedMs: 200 })], 0],
    ['the same the other way', [0, 100], [answer(900, 'legacy', { elapsedMs: 200 })], 0],
    ['asked while it was changed', [0, 100], [answer(1050, 'legacy'), answer(1060, 'coach')], 0],
    ['answered before the change was asked for', [0, 100], [answer(900, 'coach')], 1],
    ['asked after the change was answered', [0, 100], [answer(1150, 'legacy')], 1],
    ['over several changes', [0, 10, 100], [answer(900, 'legacy', { elapsedMs: 2000 })], 0],
  ])('%s', (_name, weights, answers, expected) => {
    expect(needlessChanges(answers, changesTo(...weights))).toHaveLength(expected);
  });

  test('says who, and what was seen', () => {
    const answers = [answer(500, 'coach', { person: 7 }), answer(1500, 'legacy', { person: 7 })];
    expect(needlessChanges(answers, changesTo(10, 50))).toEqual([
      {
        person: 7,
        coach: { side: 'coach', lowest: 10, highest: 10, at: 500 },
        legacy: { side: 'legacy', lowest: 50, highest: 50, at: 1500 },
      },
    ]);
  });

  const weight = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  const weights = fc.array(weight, { minLength: 1, maxLength: 8 });
  const asked = fc.array(
    fc.record({
      askedAt: fc.nat({ max: 9000 }),
      elapsedMs: fc.nat({ max: 3000 }),
      person: fc.nat({ max: 5 }),
      // At which instant between question and answer it was decided, and how early a change came into force.
      decided: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 60 },
  );
  const thresholds = fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 6, maxLength: 6 });
  const inForce = fc.double({ min: 0, max: 1, noNaN: true });

  test('never anybody who has one threshold, whenever a change comes into force and a request is decided', () => {
    fc.assert(
      fc.property(weights, asked, thresholds, inForce, (each, requests, limits, early) => {
        const changes = changesTo(...each);
        const forceAt = ({ askedAt, answeredAt }: WeightChange) => askedAt + (answeredAt - askedAt) * early;
        const answers = requests
          .filter(({ askedAt }) => askedAt >= 100)
          .map(({ askedAt, elapsedMs, person, decided }) => {
            const at = askedAt + elapsedMs * decided;
            const { weight: now } = changes.findLast((change) => forceAt(change) <= at)!;
            const side = now > limits[person]! / 100 ? ('coach' as const) : ('legacy' as const);
            return answer(askedAt, side, { elapsedMs, person });
          });
        expect(needlessChanges(answers, changes)).toEqual([]);
      }),
    );
  });

  test('always somebody seen on legacy at a weight and on the coach at one not above it', () => {
    fc.assert(
      fc.property(weight, weight, (one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const rising = [answer(500, 'coach'), answer(1500, 'legacy')];
        const falling = [answer(500, 'legacy'), answer(1500, 'coach')];
        expect(needlessChanges(rising, changesTo(low, high))).toHaveLength(1);
        expect(needlessChanges(falling, changesTo(high, low))).toHaveLength(1);
      }),
    );
  });
});
