import { describe, expect, test } from '@jest/globals';
import { KnownTokens } from './known-tokens.ts';

describe('tokens that are known', () => {
  test('are verified until they expire, and by their whole text', () => {
    let nowMs = 1000;
    const tokens = new KnownTokens({ now: () => nowMs });
    tokens.verified(1, 'a', 2000);
    expect([tokens.isVerified(1, 'a'), tokens.isVerified(1, 'b'), tokens.isVerified(2, 'a')]).toEqual([
      true,
      false,
      false,
    ]);
    nowMs = 2000;
    expect(tokens.isVerified(1, 'a')).toBe(false);
    expect(tokens.isKnown(1, 'a')).toBe(true);
  });

  test('are not verified because a server behind accepted them', () => {
    const tokens = new KnownTokens({ now: () => 1000 });
    tokens.accepted(1, 'a');
    expect([tokens.isKnown(1, 'a'), tokens.isVerified(1, 'a')]).toEqual([true, false]);
  });

  test('lose their place to one that is only accepted once they expired', () => {
    let nowMs = 1000;
    const tokens = new KnownTokens({ now: () => nowMs });
    tokens.verified(1, 'a', 2000);
    tokens.accepted(1, 'b');
    expect(tokens.isVerified(1, 'a')).toBe(true);
    nowMs = 2000;
    tokens.accepted(1, 'b');
    expect(tokens.isKnown(1, 'b')).toBe(true);
  });

  test('are so many at most, and the first goes first', () => {
    const tokens = new KnownTokens({ now: () => 1000, most: 2 });
    for (const person of [1, 2, 1, 3]) tokens.accepted(person, `of ${person}`);
    expect([1, 2, 3].map((person) => tokens.isKnown(person, `of ${person}`))).toEqual([false, true, true]);
  });
});
