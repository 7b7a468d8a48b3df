import { describe, expect, test } from '@jest/globals';
import { SeenUsers } from './seen-users.ts';
import { hashOf, sideOf } from './split.ts';
import { EVERYBODY, NOBODY, weightFromPercent } from './weight.ts';

const HOUR_MS = 3_600_000;
const user = (number: number) => `user-${number}@fit.example`;

function seen(users: number): SeenUsers {
  const people = new SeenUsers(HOUR_MS);
  people.advance(0);
  for (let each = 0; each < users; each++) people.add(hashOf('wod', user(each)));
  return people;
}

describe('people who were seen', () => {
  test.each([0, 1, 10, 500, 20_000, 100_000])('%d of them are counted within some percent', (users) => {
    expect(Math.abs(seen(users).count - users)).toBeLessThanOrEqual(Math.max(1, users * 0.02));
  });

  test.each([
    [0, 10],
    [10, 25],
    [50, 25],
    [100, 0],
    [33, 33.5],
    [40, 40],
  ])('from %d to %d %%, those who change sides are about those whose hashes say so', (from, to) => {
    const [before, after] = [weightFromPercent(from), weightFromPercent(to)];
    const moving = Array.from({ length: 20_000 }, (_, each) => user(each)).filter(
      (each) => sideOf('wod', each, before) !== sideOf('wod', each, after),
    ).length;
    // A boundary falls within a stretch of hashes, of which each holds a third of a person here.
    expect(Math.abs(seen(20_000).between(before, after) - moving)).toBeLessThanOrEqual(3 + moving * 0.03);
  });

  test('count once, however often they come', () => {
    const people = new SeenUsers(HOUR_MS);
    for (let time = 0; time < 50; time++) people.add(hashOf('wod', user(1)));
    expect(people.count).toBe(1);
  });

  test('count for at least half the window, and no longer than the whole of it', () => {
    const people = seen(100);
    people.advance(HOUR_MS * 0.5);
    expect(people.count).toBe(100);
    people.advance(HOUR_MS * 0.99);
    expect(people.count).toBe(100);
    people.advance(HOUR_MS);
    expect(people.count).toBe(0);
  });

  test('of a route that is added later count as long', () => {
    const people = new SeenUsers(HOUR_MS);
    people.add(hashOf('wod', user(1)));
    people.advance(9 * HOUR_MS);
    expect(people.count).toBe(1);
  });

  test('are forgotten when nobody looked for long', () => {
    const people = seen(100);
    people.advance(HOUR_MS * 7);
    expect(people.count).toBe(0);
    expect(people.between(NOBODY, EVERYBODY)).toBe(0);
  });
});
