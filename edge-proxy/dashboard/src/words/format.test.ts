import { describe, expect, test } from '@jest/globals';
import {
  bothTimes,
  count,
  countdown,
  duration,
  percent,
  plannedTime,
  plural,
  rate,
  shareOf,
  stretch,
  utcTime,
  zoneName,
} from './format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0 %'],
  [0.01, '0.01 %'],
  [12.5, '12.5 %'],
  [28.999999999999996, '29 %'],
  [100, '100 %'],
])('a share of %d is %s', (value, expected) => {
  expect(plain(percent(value))).toBe(expected);
});

test.each([
  [null, '–'],
  [0.42, '0.4 ms'],
  [9.96, '10 ms'],
  [240.4, '240 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [4998, '5.00 s'],
])('a duration of %p is %s', (value, expected) => {
  expect(plain(duration(value))).toBe(expected);
});

test.each([
  [0, '0'],
  [0.44, '0.4'],
  [12, '12'],
  [99.96, '100'],
  [1080.4, '1,080'],
])('a rate of %d is %s', (value, expected) => {
  expect(rate(value)).toBe(expected);
});

test.each([
  [-5, '0 s'],
  [7400, '7 s'],
  [119_000, '119 s'],
  [240_000, '4 min'],
  [10_800_000, '3 h'],
  [200_000_000, '2 days'],
])('a stretch of %d ms is %s', (value, expected) => {
  expect(plain(stretch(value))).toBe(expected);
});

test.each([
  [500, '0.5 s'],
  [90_000, '90 s'],
  [600_000, '10 min'],
  [3_600_000, '1 h'],
  [5_400_000, '90 min'],
  [172_800_000, '2 d'],
])('a planned time of %d ms is %s', (value, expected) => {
  expect(plain(plannedTime(value))).toBe(expected);
});

test.each([
  [-5, '0 s'],
  [1, '1 s'],
  [59_000, '59 s'],
  [59_001, '1:00'],
  [425_000, '7:05'],
  [4_025_000, '1:07:05'],
])('%d ms to go are %s', (value, expected) => {
  expect(plain(countdown(value))).toBe(expected);
});

describe('what is counted', () => {
  test('has thousands apart, and the right form', () => {
    expect(count(1080)).toBe('1,080');
    expect(plain(plural(1, 'edge'))).toBe('1 edge');
    expect(plain(plural(3, 'edge'))).toBe('3 edges');
    expect(plain(plural(2, 'entry', 'entries'))).toBe('2 entries');
  });

  test('is a dash where there is nothing to have a share of', () => {
    expect(plain(shareOf(1, 80))).toBe('1.25 %');
    expect(shareOf(0, 0)).toBe('–');
  });
});

describe('a moment', () => {
  const at = new Date('2026-03-01T14:12:07.123Z');

  test('of today, in UTC, has no day', () => {
    expect(utcTime(at, new Date('2026-03-01T23:59:59Z'))).toBe('14:12:07');
    expect(utcTime(at, new Date('2026-03-02T00:00:00Z'))).toBe('1 Mar, 14:12:07');
  });

  test('has a time here too', () => {
    const here = at.toLocaleTimeString('en-GB');
    expect(bothTimes(at)).toMatch(new RegExp(`^1 Mar, 14:12:07 UTC is \\d+ \\w+, ${here} here$`));
  });
});

test.each([
  [0, 'UTC'],
  [-60, 'UTC+1'],
  [-345, 'UTC+5:45'],
  [210, 'UTC−3:30'],
  [480, 'UTC−8'],
  [-5, 'UTC+0:05'],
])('a clock %d minutes behind UTC is in %s', (minutes, name) => {
  expect(zoneName(minutes)).toBe(name);
});
