import { describe, expect, test } from '@jest/globals';
import { checkedTokens } from './test/checked-tokens.ts';
import { until } from './test/until.ts';
import { TokenCheck } from './token-check.ts';

describe('a token', () => {
  test('that is genuine counts after its turn, and from then on at once', async () => {
    const { tokens, turns, genuine } = checkedTokens();
    const token = genuine('anna');
    let calls = 0;
    tokens.check(-7, token, { genuine: () => calls++ });
    expect(calls).toBe(0);
    await until(() => calls === 1);
    tokens.check(-7, token, { genuine: () => calls++ });
    expect([calls, turns.begun]).toEqual([2, 1]);
  });

  test.each<[string, (tokens: ReturnType<typeof checkedTokens>) => string]>([
    ['that is forged', ({ forged }) => forged('anna')],
    ['that is none', () => 'Basic dXNlcjpwYXNz'],
    ['of a key that is not known', ({ ofUnknownKey }) => ofUnknownKey('anna')],
  ])('%s does not count, though a server behind accepted it', async (_, tokenOf) => {
    const checked = checkedTokens();
    const token = tokenOf(checked);
    let calls = 0;
    checked.tokens.accepted(7, token);
    checked.tokens.check(7, token, { genuine: () => calls++ });
    await checked.idle();
    checked.tokens.check(7, checked.genuine('anna'), { genuine: () => (calls += 10) });
    await until(() => calls > 0);
    expect(calls).toBe(10);
  });

  test('that waits more than once takes one turn', async () => {
    const { tokens, turns, genuine } = checkedTokens();
    const token = genuine('anna');
    let calls = 0;
    for (let time = 0; time < 20; time++) tokens.check(7, token, { genuine: () => calls++ });
    await until(() => calls === 20);
    expect(turns.begun).toBe(1);
  });
});

describe('that it cannot be told whether a token is genuine', () => {
  type Checked = ReturnType<typeof checkedTokens>;
  type TokenOf = (checked: Checked) => string;
  const genuine: TokenOf = (checked) => checked.genuine('anna');
  const forged: TokenOf = (checked) => checked.forged('anna');
  const ofUnknownKey: TokenOf = (checked) => checked.ofUnknownKey('anna');
  const ofAnotherAudience: TokenOf = (checked) => checked.ofAnotherAudience('anna');
  const opaque: TokenOf = () => 'Bearer 7c1f0e';

  test.each<[string, TokenOf, { away?: boolean; isAccepted?: boolean }, string[]]>([
    [
      'is said of a key that cannot be had',
      ofUnknownKey,
      { away: true },
      ['The keys that verify tokens cannot be had'],
    ],
    [
      'is said of an accepted one of a key that is not in the set',
      ofUnknownKey,
      { isAccepted: true },
      ['does not exist'],
    ],
    ['is said of an accepted one for others', ofAnotherAudience, { isAccepted: true }, ['jwt audience invalid']],
    [
      'is said of an accepted one of others',
      ({ ofAnotherIssuer }) => ofAnotherIssuer('anna'),
      { isAccepted: true },
      ['jwt issuer invalid'],
    ],
    [
      'is said of an accepted one of another algorithm',
      ({ ofAnotherAlgorithm }) => ofAnotherAlgorithm('anna'),
      { isAccepted: true },
      ['not signed with RS256'],
    ],
    ['is said of an accepted one that is no JWT', opaque, { isAccepted: true }, ['not a bearer token']],
    ['is not said of one that is verified', genuine, { away: true, isAccepted: true }, []],
    ['is not said of one that is for others', ofAnotherAudience, {}, []],
    ['is not said of one that is no JWT', opaque, { away: true }, []],
    ['is not said of a key that is not in the set', ofUnknownKey, {}, []],
    ['is not said of a signature that is wrong', forged, { away: true, isAccepted: true }, []],
    ['is not said of one that is out of date', ({ outOfDate }) => outOfDate('anna'), { isAccepted: true }, []],
  ])('%s', async (_, tokenOf, { away = false, isAccepted = false }, reasons) => {
    const checked = checkedTokens({ away });
    const token = tokenOf(checked);
    const told = { genuine: 0, unverifiable: 0 };
    if (isAccepted) checked.tokens.accepted(7, token);
    checked.tokens.check(7, token, { genuine: () => told.genuine++, unverifiable: () => told.unverifiable++ });
    // Turns are taken in order.
    let isOver = false;
    checked.tokens.check(8, checked.genuine('berta'), { genuine: () => (isOver = true) });
    await until(() => isOver);
    expect(told).toEqual({ genuine: tokenOf === genuine ? 1 : 0, unverifiable: reasons.length });
    expect(checked.reasons).toEqual(reasons.map((reason) => expect.stringContaining(reason)));
  });
});

test('a pause is before every turn', async () => {
  const turns: number[] = [];
  const verify = () => {
    turns.push(performance.now());
    return Promise.resolve({ kind: 'false' } as const);
  };
  const tokens = new TokenCheck({ verify, now: Date.now, random: Math.random, pauseMs: 10 });
  const begunAt = performance.now();
  for (const person of [1, 2, 3, 4, 5]) tokens.check(person, `token of ${person}`, { genuine: () => undefined });
  await until(() => turns.length === 5);
  // A timer may fire up to a millisecond before its time.
  expect(turns.at(-1)! - begunAt).toBeGreaterThan(5 * 9);
});

describe('of a flood of forged tokens', () => {
  test('so many wait at most, and none counts', async () => {
    const { tokens, turns, forged, idle } = checkedTokens();
    let calls = 0;
    for (let each = 0; each < 10_000; each++) tokens.check(each, forged(`forger-${each}`), { genuine: () => calls++ });
    expect(tokens.waiting).toBeLessThanOrEqual(256);
    await idle();
    expect([calls, turns.begun]).toEqual([0, 128]);
  });

  test('those that came last have no better chance to be looked at than those that came first', async () => {
    const taken: string[] = [];
    let next = 0;
    // Every place in turn, as even chance would have it.
    const random = () => ((next++ * 37) % 128) / 128;
    const verify = (token: string) => {
      taken.push(token);
      return Promise.resolve({ kind: 'false' } as const);
    };
    const tokens = new TokenCheck({ verify, now: Date.now, random, pauseMs: 0 });
    for (let each = 0; each < 128 + 64; each++) tokens.check(each, String(each), { genuine: () => undefined });
    await until(() => taken.length === 128);
    expect(taken.filter((token) => Number(token) < 128)).toHaveLength(64);
  });

  test('people whose token a server behind accepted before are verified all the same, and first', async () => {
    const { tokens, turns, genuine, forged } = checkedTokens();
    const people = Array.from({ length: 20 }, (_, each) => ({ hash: each, token: genuine(`user-${each}`) }));
    for (const { hash, token } of people) tokens.accepted(hash, token);
    const verified: number[] = [];
    for (let each = 0; each < 10_000; each++) {
      tokens.check(1000 + each, forged(`forger-${each}`), { genuine: () => verified.push(-1) });
      const person = each % 500 === 0 ? people[each / 500]! : undefined;
      if (person) tokens.check(person.hash, person.token, { genuine: () => verified.push(person.hash) });
    }
    await until(() => verified.length === people.length);
    expect(verified).toEqual(people.map(({ hash }) => hash));
    expect(turns.begun).toBe(people.length);
  });
});
