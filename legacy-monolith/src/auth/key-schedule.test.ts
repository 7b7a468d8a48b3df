import { describe, expect, test } from '@jest/globals';
import { LEAD_MS, isRotationDue, nextSignsFrom, publishedAt, signerAt } from './key-schedule.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;
const SECOND = 1000;
const at = (ms: number) => new Date(T0 + ms);
const first = { kid: 'first', createdAt: at(0), signsFrom: at(0) };
const second = { kid: 'second', createdAt: at(30 * DAY), signsFrom: at(30 * DAY + LEAD_MS) };
/** Out of order: the order of rows must not matter. */
const keys = [second, first];

describe('signerAt', () => {
  test.each([
    [0, 'first'],
    [30 * DAY, 'first'],
    [30 * DAY + LEAD_MS - 1, 'first'],
    [30 * DAY + LEAD_MS, 'second'],
    [365 * DAY, 'second'],
  ])('after %i ms it is the %s key', (ms, kid) => expect(signerAt(keys, at(ms))?.kid).toBe(kid));

  test('before the first key there is none', () => expect(signerAt(keys, at(-1))).toBeUndefined());
});

describe('publishedAt', () => {
  const stopped = 30 * DAY + LEAD_MS;
  test.each([
    ['a key that does not sign yet is published', 30 * DAY, ['first', 'second']],
    ["a day's token of the old key can still be verified", stopped + DAY, ['first', 'second']],
    ['so can one within the clock tolerance', stopped + DAY + 30 * SECOND - 1, ['first', 'second']],
    ['then the old key is withdrawn', stopped + DAY + 30 * SECOND, ['second']],
  ])('%s', (_what, ms, kids) => expect(publishedAt(keys, at(ms)).map(({ kid }) => kid)).toEqual(kids));
});

describe('isRotationDue', () => {
  test.each([
    ['there is no key', [], 0, true],
    ['the newest is a second too young', keys, 60 * DAY - SECOND, false],
    ['the newest has come of age', keys, 60 * DAY, true],
  ])('when %s: %p', (_when, among, ms, due) => expect(isRotationDue(among, at(ms), 30)).toBe(due));
});

describe('nextSignsFrom', () => {
  test('the first key signs at once', () => expect(nextSignsFrom([], at(5))).toEqual(at(5)));
  test('another one after the lead', () => expect(nextSignsFrom([first], at(DAY))).toEqual(at(DAY + LEAD_MS)));
  test('two rotations within the lead keep their order', () => {
    const now = at(30 * DAY);
    expect(nextSignsFrom(keys, now).getTime()).toBeGreaterThan(second.signsFrom.getTime());
  });
});
