import { describe, expect, test } from '@jest/globals';
import { dateIn, dayBounds, parseTimeZone, yesterdayIn } from './calendar.ts';
import type { DayBounds } from './calendar.ts';

describe('yesterdayIn', () => {
  test.each([
    ['UTC', '2026-03-01T00:00:00Z', '2026-02-28'],
    ['UTC', '2024-03-01T12:00:00Z', '2024-02-29'],
    ['America/New_York', '2026-03-09T03:59:59Z', '2026-03-07'],
    ['America/New_York', '2026-03-09T04:00:00Z', '2026-03-08'],
    ['Pacific/Auckland', '2026-01-01T11:00:00Z', '2026-01-01'],
    ['Pacific/Kiritimati', '2026-01-01T10:00:00Z', '2026-01-01'],
    ['Pacific/Apia', '2011-12-31T12:00:00Z', '2011-12-31'],
    ['Asia/Kathmandu', '2026-06-15T18:14:59Z', '2026-06-14'],
    ['Asia/Kathmandu', '2026-06-15T18:15:00Z', '2026-06-15'],
    ['Africa/Cairo', '2026-04-23T22:00:00Z', '2026-04-23'],
  ])('%s at %s is %s', (zone, now, expected) => {
    expect(yesterdayIn(zone, new Date(now))).toBe(expected);
  });
});

describe('dayBounds', () => {
  const hours = (date: string, zone: string) => {
    const { from, to } = dayBounds(date, zone);
    return (to.getTime() - from.getTime()) / 3_600_000;
  };

  test.each([
    ['2026-03-08', 'America/New_York', 23],
    ['2026-11-01', 'America/New_York', 25],
    ['2026-10-04', 'Australia/Lord_Howe', 23.5],
    ['2026-06-15', 'Asia/Kathmandu', 24],
    ['2026-04-24', 'Africa/Cairo', 23],
  ])('%s in %s has %s hours', (date, zone, expected) => {
    expect(hours(date, zone)).toBe(expected);
  });

  test('a day without midnight begins at its first instant', () => {
    expect(dayBounds('2026-04-24', 'Africa/Cairo').from.toISOString()).toBe('2026-04-23T22:00:00.000Z');
  });

  test('every instant lies within the bounds of its own date, in ten time zones', () => {
    const zones = [
      'UTC',
      'America/New_York',
      'America/St_Johns',
      'America/Santiago',
      'Europe/Berlin',
      'Africa/Cairo',
      'Asia/Kathmandu',
      'Asia/Tehran',
      'Australia/Lord_Howe',
      'Pacific/Apia',
    ];
    for (const zone of zones) {
      let day: DayBounds & { date: string } = { date: '', ...dayBounds('2026-01-01', zone) };
      for (let hour = 0; hour < 366 * 24; hour += 5) {
        const instant = new Date(Date.UTC(2026, 0, 1, hour, 29));
        const date = dateIn(zone, instant);
        if (date !== day.date) day = { date, ...dayBounds(date, zone) };
        expect(day.from <= instant && instant < day.to).toBe(true);
      }
    }
  });
});

test.each([
  ['Europe/Berlin', 'Europe/Berlin'],
  ['UTC', 'UTC'],
  ['+05:30', undefined],
  ['Mars/Olympus', undefined],
  ['', undefined],
  [7, undefined],
  [undefined, undefined],
  ['A'.repeat(65), undefined],
])('parseTimeZone(%j) is %j', (claim, expected) => {
  expect(parseTimeZone(claim)).toBe(expected);
});
