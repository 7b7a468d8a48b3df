import { expect, test } from '@jest/globals';
import { FAULTS } from './coach-orders.ts';
import { USAGE, readOptions } from './options.ts';

test.each([
  [[], { kind: 'play', fault: 'errors', isFast: false }],
  [['--fault', 'wrong', '--fast'], { kind: 'play', fault: 'wrong', isFast: true }],
  [['--help'], { kind: 'help' }],
])('%j', (args, options) => {
  expect(readOptions(args)).toEqual(options);
});

test.each([
  [['--fault', 'fire'], '--fault must be one of errors, slow, wrong, unauthorized, received "fire"'],
  [['--fault'], "'--fault <value>' argument missing"],
  [['--slow'], "Unknown option '--slow'"],
  [['now'], "Unexpected argument 'now'"],
])('%j is refused', (args, why) => {
  expect(() => readOptions(args)).toThrow(why);
});

test('the usage names every way to turn bad', () => {
  expect(FAULTS.filter((fault) => !USAGE.includes(fault))).toEqual([]);
});
