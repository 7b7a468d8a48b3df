import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../data-plane/exchange.ts';
import type { FollowedRequest } from '../data-plane/follower.ts';
import type { Upstream } from '../data-plane/upstream.ts';
import { PERIOD_MS, UNIT_MS } from '../domain/evidence.ts';
import type { Evidence } from '../domain/evidence.ts';
import { hashOf, sideOf } from '../domain/split.ts';
import type { RouteState } from '../domain/route-state.ts';
import { weightFromPercent } from '../domain/weight.ts';
import { EvidenceCollector } from './evidence-collector.ts';
import { OBJECTIVE_MS, SINCE_MS, answer, asked, route, stateAt } from './test/followed.ts';
import { TokenCheck } from './token-check.ts';

/** Milliseconds since the epoch began, and so since the process started here. */
let upMs: number;
let state: RouteState;
let collector: EvidenceCollector;

const none = { units: 0, checked: 0, failed: 0, slow: 0, rejected: 0, invalid: 0 };
const HALF = weightFromPercent(50);
const userOn = (side: 'old' | 'new') =>
  Array.from({ length: 50 }, (_, each) => `user-${each}`).find((user) => sideOf('wod', user, HALF) === side)!;

function newCollector(): EvidenceCollector {
  const tokens = new TokenCheck({ verify: () => Promise.resolve({ kind: 'false' }), now: () => 0, random: () => 0 });
  const clocks = { now: () => SINCE_MS + upMs, uptime: () => upMs };
  return new EvidenceCollector({ ...clocks, tokens, stateOf: () => state });
}

beforeEach(() => {
  upMs = 1000;
  state = stateAt(50);
  collector = newCollector();
});

function serve(user: string, how: Partial<Outcome> = {}, on: EvidenceCollector = collector): FollowedRequest {
  const request = asked({ user, state, startedAt: upMs });
  on.began(request);
  on.ended(request, answer(request, how));
  return request;
}

const seen = (): Evidence => collector.evidenceOf('wod')!;

describe('a person', () => {
  test('counts once a minute with the worst so far, and each request on its side', () => {
    for (const how of [{}, { status: 500 }, {}, { durationMs: OBJECTIVE_MS + 1 }]) serve(userOn('new'), how);
    serve(userOn('old'));
    expect(seen()).toMatchObject({
      epoch: 1,
      requests: { old: 1, new: 4 },
      units: { old: { ...none, units: 1 }, new: { ...none, units: 1, failed: 1, slow: 1 } },
      misplaced: 0,
      custom: {},
    });
    upMs += UNIT_MS;
    serve(userOn('new'));
    expect(seen().units.new).toEqual({ ...none, units: 2, failed: 1, slow: 1 });
  });

  test('is listed once a period, of which the last two are told', () => {
    const hash = hashOf('wod', userOn('new'));
    for (const period of [1, 2, 3]) {
      serve(userOn('new'), { status: 500 });
      collector.advance();
      expect(seen().periods.at(-1)).toMatchObject({ period, users: [hash], flawed: { failed: [hash] } });
      upMs += PERIOD_MS;
    }
    expect(seen().periods.map(({ period }) => period)).toEqual([2, 3]);
  });

  test('belongs to the minute in which the request began', () => {
    upMs = UNIT_MS - 1;
    const request = asked({ user: userOn('new'), state, startedAt: upMs });
    collector.began(request);
    serve(userOn('new'));
    upMs += 100;
    collector.advance();
    collector.ended(request, answer(request, { status: 500 }));
    expect(seen().units.new).toEqual({ ...none, units: 1, failed: 1 });
  });

  test('whose request went on for longer than minutes are kept counts in the oldest of them', () => {
    const request = asked({ user: userOn('new'), state, startedAt: upMs });
    collector.began(request);
    upMs += 30 * UNIT_MS;
    serve(userOn('new'));
    collector.advance();
    for (const status of [500, 502]) collector.ended(request, answer(request, { status }));
    expect(seen().units.new).toEqual({ ...none, units: 2, failed: 1, slow: 1 });
  });

  test('whose answers were looked at counts as checked, and as invalid if one broke the rules', () => {
    const request = serve(userOn('new'));
    collector.invalid(request, false);
    expect(seen().units.new).toEqual({ ...none, units: 1, checked: 1 });
    for (const isBroken of [true, false, true]) collector.invalid(request, isBroken);
    expect(seen().units.new).toEqual({ ...none, units: 1, checked: 1, invalid: 1 });
  });
});

test.each<[string, () => FollowedRequest]>([
  [
    'that a tester put on its side',
    () => ({
      ...asked({ user: userOn('new'), state, startedAt: upMs }),
      assignment: { side: 'new', by: 'preference' },
    }),
  ],
  ['while nobody is on the new side', () => asked({ user: 'anna', state: (state = stateAt(0)), startedAt: upMs })],
])('a request %s is not judged', (_, requestOf) => {
  const request = requestOf();
  collector.began(request);
  collector.ended(request, answer(request, { status: 500 }));
  collector.invalid(request, true);
  expect(collector.evidenceOf('wod')).toBeUndefined();
});

describe('a new epoch', () => {
  test('begins anew, and what began in the one before counts no more', () => {
    const before = asked({ user: userOn('new'), state, startedAt: upMs });
    collector.began(before);
    serve(userOn('new'), { status: 500 });
    state = stateAt(60, 2);
    serve(userOn('new'));
    collector.ended(before, answer(before, { status: 500 }));
    collector.invalid(before, true);
    expect(seen()).toMatchObject({ epoch: 2, requests: { old: 0, new: 1 }, units: { new: { ...none, units: 1 } } });
  });

  test('is not ended by a request that was put on its side before it began', () => {
    const late = asked({ user: userOn('new'), state, startedAt: upMs });
    state = stateAt(60, 2);
    serve(userOn('new'));
    collector.began(late);
    collector.ended(late, answer(late, { status: 500 }));
    expect(seen()).toMatchObject({ epoch: 2, units: { new: { ...none, units: 1 } } });
  });

  test('of a store that counts its revisions from lower is one too', () => {
    state = stateAt(50, 9);
    serve(userOn('new'));
    state = stateAt(60, 2);
    serve(userOn('new'));
    expect(seen()).toMatchObject({ epoch: 2, requests: { new: 1 } });
  });
});

describe('a request that is still open at the objective', () => {
  test('is slow at once, and once', () => {
    const request = asked({ user: userOn('new'), state, startedAt: upMs });
    collector.began(request);
    upMs += OBJECTIVE_MS;
    collector.advance();
    expect(seen().units.new).toEqual(none);
    upMs += 1;
    for (let time = 0; time < 3; time++) collector.advance();
    expect(seen()).toMatchObject({ requests: { new: 0 }, units: { new: { ...none, units: 1, slow: 1 } } });
    collector.ended(request, answer(request, { durationMs: OBJECTIVE_MS + 400 }));
    expect(seen()).toMatchObject({ requests: { new: 1 }, units: { new: { ...none, units: 1, slow: 1 } } });
  });

  test('is not if it was answered in time', () => {
    serve(userOn('new'));
    upMs += 2 * OBJECTIVE_MS;
    collector.advance();
    expect(seen().units.new).toEqual({ ...none, units: 1 });
  });
});

describe('a request is misplaced', () => {
  const { old, new: coach } = route.sides;
  test.each<[string, 'old' | 'new', Partial<Outcome>, number]>([
    ['if the other side answered', 'new', { servedBy: old }, 1],
    ['if its own side has an answer made by the other', 'new', { madeBy: 'legacy' }, 1],
    ['if the new side answers for the old', 'old', { servedBy: coach, madeBy: 'coach' }, 1],
    ['but not if the other side had to answer', 'new', { servedBy: old, madeBy: 'legacy', fallback: 'refused' }, 0],
    ['but not if its own side says nothing of who it is', 'new', { madeBy: undefined }, 0],
    ['but not if its own side calls itself something else', 'new', { madeBy: 'coach-7' }, 0],
    ['but not if the edge answers', 'new', { servedBy: undefined, madeBy: undefined, status: 503 }, 0],
  ])('%s', (_, side, how, misplaced) => {
    serve(userOn(side), how);
    expect(seen().misplaced).toBe(misplaced);
  });

  test("if its side is not its hash's", () => {
    const request = { ...asked({ user: userOn('old'), state, startedAt: upMs }) };
    const wrong: FollowedRequest = { ...request, assignment: { side: 'new', by: 'weight' } };
    collector.began(wrong);
    collector.ended(wrong, answer(wrong));
    expect(seen().misplaced).toBe(1);
  });

  test('never where both sides are one server', () => {
    const one = { name: 'legacy' } as Upstream;
    const request = asked({ user: userOn('new'), state, startedAt: upMs });
    const same: FollowedRequest = { ...request, route: { ...route, sides: { old: one, new: one } } };
    collector.began(same);
    collector.ended(same, answer(same, { servedBy: one, madeBy: 'legacy' }));
    expect(seen().misplaced).toBe(0);
  });
});

test('what several edges saw of people who each keep to one of them adds up to what one edge would have seen', () => {
  const outcome = fc.constantFrom<Partial<Outcome>>({}, { status: 500 }, { status: 404 }, { fallback: 'reset' });
  const visit = fc.record({ user: fc.nat({ max: 8 }), outcome, pauseMs: fc.nat({ max: 2 * UNIT_MS }) });
  fc.assert(
    fc.property(fc.array(visit, { maxLength: 40 }), (visits) => {
      upMs = 0;
      const [all, one, other] = [newCollector(), newCollector(), newCollector()];
      const edges = [all, one, other];
      for (const { user, outcome: how, pauseMs } of visits) {
        upMs += pauseMs;
        for (const edge of edges) edge.advance();
        for (const edge of [all, user % 2 === 0 ? one : other]) serve(`user-${user}`, how, edge);
      }
      const whole = all.evidenceOf('wod');
      const parts = [one, other].flatMap((edge) => edge.evidenceOf('wod') ?? []);
      for (const side of ['old', 'new'] as const) {
        const sumOf = (name: keyof typeof none) => parts.reduce((sum, part) => sum + part.units[side][name], 0);
        for (const name of Object.keys(none) as (keyof typeof none)[]) {
          expect(sumOf(name)).toBe(whole?.units[side][name] ?? 0);
        }
      }
      const usersOf = (each: Evidence) => each.periods.at(-1)?.users ?? [];
      const last = whole?.periods.at(-1)?.period;
      const together = parts.filter((part) => part.periods.at(-1)?.period === last).flatMap(usersOf);
      expect(new Set(together)).toEqual(new Set(whole ? usersOf(whole) : []));
    }),
    { numRuns: 50 },
  );
});
