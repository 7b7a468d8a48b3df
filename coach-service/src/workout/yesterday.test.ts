import { expect, test } from '@jest/globals';
import { yesterdayIn } from '@fit/contracts/calendar';
import fc from 'fast-check';
import { createYesterday } from './yesterday.ts';

const ZONES = [
  'UTC',
  'America/St_Johns',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];

test('says the same as yesterdayIn, whatever was asked before', () => {
  const yesterday = createYesterday();
  const instants = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instants, (zone, now) => {
      expect(yesterday(zone, now)).toBe(yesterdayIn(zone, now));
    }),
    { seed: 3, numRuns: 3000 },
  );
});

test('changes with the first millisecond of the next day, and back where the clock is set back', () => {
  const yesterday = createYesterday();
  const at = (instant: string) => yesterday('Africa/Cairo', new Date(instant));
  // 2026-04-24 has no midnight in Cairo: clocks go from 23:59:59 to 01:00.
  expect(at('2026-04-23T21:59:59.999Z')).toBe('2026-04-22');
  expect(at('2026-04-23T22:00:00.000Z')).toBe('2026-04-23');
  expect(at('2026-04-23T21:59:59.999Z')).toBe('2026-04-22');
});
