import { describe, expect, test } from '@jest/globals';
import { checkedTokens } from './test/checked-tokens.ts';
import { until } from './test/until.ts';
import { TokenCheck } from './token-check.ts';

describe('a token', () => {
  test('that is genuine counts after its turn, and from then on at once', async () => {
    const { tokens, turns, genuine } = checkedTokens();
    const token = genuine('anna');
    let calls = 0;
    tokens.ifGenuine(-7, token, () => calls++);
    expect(calls).toBe(0);
    await until(() => calls === 1);
    tokens.ifGenuine(-7, token, () => calls++);
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
    checked.tokens.ifGenuine(7, token, () => calls++);
    await checked.idle();
    checked.tokens.ifGenuine(7, checked.genuine('anna'), () => (calls += 10));
    await until(() => calls > 0);
    expect(calls).toBe(10);
  });

  test('that waits more than once takes one turn', async () => {
    const { tokens, turns, genuine } = checkedTokens();
    const token = genuine('anna');
    let calls = 0;
    for (let time = 0; time < 20; time++) tokens.ifGenuine(7, token, () => calls++);
    await until(() => calls === 20);
    expect(turns.begun).toBe(1);
  });
});

test('a pause is before every turn', async () => {
  const turns: number[] = [];
  const verify = (token: string) => {
    turns.push(performance.now());
    return Promise.reject(new Error(token));
  };
  const tokens = new TokenCheck({ verify, now: Date.now, random: Math.random, pauseMs: 10 });
  const begunAt = performance.now();
  for (const person of [1, 2, 3, 4, 5]) tokens.ifGenuine(person, `token of ${person}`, () => undefined);
  await until(() => turns.length === 5);
  // A timer may fire up to a millisecond before its time.
  expect(turns.at(-1)! - begunAt).toBeGreaterThan(5 * 9);
});

describe('of a flood of forged tokens', () => {
  test('so many wait at most, and none counts', async () => {
    const { tokens, turns, forged, idle } = checkedTokens();
    let calls = 0;
    for (let each = 0; each < 10_000; each++) tokens.ifGenuine(each, forged(`forger-${each}`), () => calls++);
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
      return Promise.reject(new Error('forged'));
    };
    const tokens = new TokenCheck({ verify, now: Date.now, random, pauseMs: 0 });
    for (let each = 0; each < 128 + 64; each++) tokens.ifGenuine(each, String(each), () => undefined);
    await until(() => taken.length === 128);
    expect(taken.filter((token) => Number(token) < 128)).toHaveLength(64);
  });

  test('people whose token a server behind accepted before are verified all the same, and first', async () => {
    const { tokens, turns, genuine, forged } = checkedTokens();
    const people = Array.from({ length: 20 }, (_, each) => ({ hash: each, token: genuine(`user-${each}`) }));
    for (const { hash, token } of people) tokens.accepted(hash, token);
    const verified: number[] = [];
    for (let each = 0; each < 10_000; each++) {
      tokens.ifGenuine(1000 + each, forged(`forger-${each}`), () => verified.push(-1));
      const person = each % 500 === 0 ? people[each / 500]! : undefined;
      if (person) tokens.ifGenuine(person.hash, person.token, () => verified.push(person.hash));
    }
    await until(() => verified.length === people.length);
    expect(verified).toEqual(people.map(({ hash }) => hash));
    expect(turns.begun).toBe(people.length);
  });
});
