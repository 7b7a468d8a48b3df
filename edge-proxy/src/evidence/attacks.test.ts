import { describe, expect, test } from '@jest/globals';
import { AnswerCopy } from '../data-plane/answer-copy.ts';
import type { Outcome } from '../data-plane/exchange.ts';
import { sideOf } from '../domain/split.ts';
import { weightFromPercent } from '../domain/weight.ts';
import { EvidenceCollector } from './evidence-collector.ts';
import { checkedTokens } from './test/checked-tokens.ts';
import { OBJECTIVE_MS, SINCE_MS, answer, asked, stateAt } from './test/followed.ts';
import { until } from './test/until.ts';

const PERCENT = 10;
const WEIGHT = weightFromPercent(PERCENT);

const onNewSide = (prefix: string, count: number): string[] => {
  const users: string[] = [];
  for (let each = 0; users.length < count; each++) {
    const user = `${prefix}-${each}`;
    if (sideOf('wod', user, WEIGHT) === 'new') users.push(user);
  }
  return users;
};

function judged({ away = false } = {}) {
  const checked = checkedTokens({ away });
  const clock = { upMs: 0 };
  const state = stateAt(PERCENT);
  const collector = new EvidenceCollector({
    now: () => SINCE_MS + clock.upMs,
    uptime: () => clock.upMs,
    tokens: checked.tokens,
    stateOf: () => state,
  });
  const begin = (user: string, authorization: string) => {
    const request = asked({ user, state, startedAt: clock.upMs, authorization });
    collector.began(request);
    return request;
  };
  const serve = (user: string, authorization: string, how: Partial<Outcome> = {}) => {
    const request = begin(user, authorization);
    collector.ended(request, answer(request, how));
    return request;
  };
  return { ...checked, clock, collector, begin, serve, seen: () => collector.evidenceOf('wod')! };
}

test('a coach that answers 401 to every valid token has failed all of these people', async () => {
  const { genuine, serve, seen } = judged();
  const people = onNewSide('user', 20);
  for (const user of people) serve(user, genuine(user), { status: 401 });
  await until(() => seen().units.new.failed === people.length);
  expect(seen().units.new).toMatchObject({ units: people.length, failed: people.length, rejected: 0 });
  expect(seen().periods[0]!.flawed.failed).toHaveLength(people.length);
});

test.each<[string, Partial<Outcome>]>([
  ['are refused', { status: 401 }],
  ['make the coach fail', { status: 500 }],
  ['are refused by the monolith for a coach that is down', { status: 401, fallback: 'refused' }],
  ['find nothing', { status: 404 }],
  ['leave at once', { status: undefined, fault: 'client-left' }],
  ['stay until it is late', { status: undefined, fault: 'client-left', durationMs: OBJECTIVE_MS + 1 }],
])('forged tokens of people of one side that %s move nothing', async (_, how) => {
  const { genuine, forged, serve, seen, idle } = judged();
  const [user] = onNewSide('user', 1);
  serve(user!, genuine(user!));
  const before = seen();
  for (const forger of onNewSide('forger', 500)) serve(forger, forged(forger), how);
  await idle();
  expect(seen()).toEqual(before);
});

test.each<[string, (checked: ReturnType<typeof judged>, user: string) => string]>([
  ['of other keys', ({ ofUnknownKey }, user) => ofUnknownKey(user)],
  ['for others', ({ ofAnotherAudience }, user) => ofAnotherAudience(user)],
  ['out of date', ({ outOfDate }, user) => outOfDate(user)],
])('tokens %s that are sent elsewhere and refused are not counted as unverified', async (_, tokenOf) => {
  const checked = judged();
  const { genuine, serve, seen, idle } = checked;
  for (const user of onNewSide('forger', 50)) {
    const token = tokenOf(checked, user);
    serve(user, token, { status: 302 });
    serve(user, token, { status: 401 });
  }
  const [user] = onNewSide('user', 1);
  serve(user!, genuine(user!), { status: 401 });
  await until(() => seen().units.new.failed === 1);
  await idle();
  expect(seen().unverified).toEqual({ old: 0, new: 0 });
});

describe('requests are unverified', () => {
  const outcomes: [string, Partial<Outcome>][] = [
    ['are refused', { status: 401 }],
    ['fail', { status: 500 }],
    ['find nothing', { status: 404 }],
    ['leave late', { status: undefined, fault: 'client-left', durationMs: OBJECTIVE_MS + 1 }],
  ];

  test.each(outcomes)('of people who were served and then %s, if their tokens are for others', async (_, how) => {
    const { ofAnotherAudience, serve, seen } = judged();
    for (const user of onNewSide('user', 5)) {
      const token = ofAnotherAudience(user);
      serve(user, token);
      serve(user, token, how);
    }
    await until(() => seen().unverified.new === 5);
    expect(seen().unverified).toEqual({ old: 0, new: 5 });
    expect(seen().units.new).toMatchObject({ units: 5, failed: 0, slow: 0, rejected: 0 });
  });

  test.each(outcomes)('of people who %s, if the keys cannot be had', async (_, how) => {
    const { ofUnknownKey, serve, seen } = judged({ away: true });
    for (const user of onNewSide('user', 5)) serve(user, ofUnknownKey(user), how);
    await until(() => seen().unverified.new === 5);
    expect(seen().units.new.units).toBe(0);
  });
});

test('forged tokens whose requests are held open move nothing either', async () => {
  const { genuine, forged, begin, serve, seen, clock, collector, idle } = judged();
  const [user] = onNewSide('user', 1);
  serve(user!, genuine(user!));
  for (const forger of onNewSide('forger', 200)) begin(forger, forged(forger));
  clock.upMs += OBJECTIVE_MS + 1;
  collector.advance();
  await idle();
  expect(seen().units.new).toMatchObject({ units: 1, slow: 0 });
});

test('redirects of forged tokens are no wrong answers; those of people are, once their token is verified', async () => {
  const { genuine, forged, serve, seen, collector, idle } = judged();
  const redirected = (user: string, authorization: string) => {
    const request = serve(user, authorization, { status: 302 });
    request.copy = Object.assign(new AnswerCopy(1), { status: 302, isWhole: true });
    collector.invalid(request, true);
  };
  for (const forger of onNewSide('forger', 20)) redirected(forger, forged(forger));
  await idle();
  expect(seen().units.new).toMatchObject({ checked: 0, invalid: 0 });
  const [user] = onNewSide('user', 1);
  redirected(user!, genuine(user!));
  await until(() => seen().units.new.invalid === 1);
  expect(seen().units.new.checked).toBe(1);
});

test('a person whose request is still open at the objective is served slowly at once, once its token is verified', async () => {
  const { genuine, begin, seen, clock, collector } = judged();
  const [user] = onNewSide('user', 1);
  begin(user!, genuine(user!));
  clock.upMs += OBJECTIVE_MS + 1;
  collector.advance();
  await until(() => seen().units.new.slow === 1);
  expect(seen().units.new.units).toBe(1);
});

test('a flood of 100,000 forged tokens hides no failure of people who were served before', async () => {
  const { genuine, forged, serve, seen, tokens, idle } = judged();
  const people = onNewSide('user', 30).map((user) => ({ user, token: genuine(user) }));
  for (const { user, token } of people) serve(user, token);
  const forgers = onNewSide('forger', 1000);
  for (let each = 0; each < 100_000; each++) {
    const forger = forgers[each % forgers.length]!;
    serve(forger, forged(`${forger} again ${each}`), { status: 401 });
    const person = each % 3000 === 0 ? people[each / 3000] : undefined;
    if (person) serve(person.user, person.token, { status: 500 });
  }
  expect(tokens.waiting).toBeLessThanOrEqual(256);
  await idle();
  expect(seen().units).toMatchObject({ new: { units: 30, failed: 30, rejected: 0 }, old: { units: 0 } });
  expect(seen().requests).toEqual({ old: 0, new: 60 });
  expect(seen().unverified).toEqual({ old: 0, new: 0 });
});
