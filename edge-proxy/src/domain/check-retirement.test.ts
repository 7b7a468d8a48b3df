import { describe, expect, test } from '@jest/globals';
import { checkRetirement } from './check-retirement.ts';
import type { RetirementInput } from './check-retirement.ts';
import type { Condition } from './retirement.ts';
import { EVERYBODY, weightFromPercent } from './weight.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 2, 31);
const daysAgo = (days: number) => now - days * DAY;

/** A route whose old code may go. */
const DONE: RetirementInput = {
  terms: {
    fullDays: 14,
    unusedDays: 7,
    maxDifferingPercent: 0.1,
    drilledDays: 90,
    directCalls: { path: '/metrics', counter: 'calls_total' },
  },
  weight: EVERYBODY,
  fullSince: daysAgo(20),
  facts: {
    servedByWeight: daysAgo(20),
    servedByFallback: daysAgo(8),
    watchedSince: daysAgo(100),
    directWatchedSince: daysAgo(30),
    directSeenAt: now - 30_000,
    drilledAt: daysAgo(40),
    drillMs: 87.4,
  },
  parity: { compared: 12_430, differing: 0 },
  now,
};

const unmet = (conditions: readonly Condition[]) => conditions.flatMap(({ name, met }) => (met ? [] : [name]));
const evidenceOf = (name: Condition['name'], input: Partial<RetirementInput> = {}) =>
  checkRetirement({ ...DONE, ...input }).find((each) => each.name === name)!.evidence;

test('the old code may go when everything speaks for it', () => {
  expect(unmet(checkRetirement(DONE))).toEqual([]);
});

test.each<[string, Condition['name'], Partial<RetirementInput>]>([
  ['the weight is lower', 'full', { weight: weightFromPercent(99.99), fullSince: undefined }],
  ['it came to 100 % too lately', 'full', { fullSince: daysAgo(13.9) }],
  ['the weight sent people there lately', 'unused', { facts: { ...DONE.facts, servedByWeight: daysAgo(6.9) } }],
  ['a fallback did', 'unused', { facts: { ...DONE.facts, servedByFallback: daysAgo(1) } }],
  ['a tester went there', 'unused', { facts: { ...DONE.facts, servedByOverride: daysAgo(1) } }],
  ['somebody called it past the edge', 'unused', { facts: { ...DONE.facts, calledDirectly: daysAgo(1) } }],
  ['nobody watched', 'unused', { facts: { drilledAt: daysAgo(1) } }],
  ['nobody watched for long enough', 'unused', { facts: { ...DONE.facts, watchedSince: daysAgo(6.9) } }],
  [
    'the counter of calls past the edge is not read any more',
    'unused',
    { facts: { ...DONE.facts, directSeenAt: daysAgo(1) } },
  ],
  ['nobody watched calls past the edge', 'unused', { facts: { ...DONE.facts, directWatchedSince: daysAgo(1) } }],
  ['it is not known who calls past the edge', 'unused', { terms: { ...DONE.terms, directCalls: undefined } }],
  ['nothing was compared', 'parity', { parity: { compared: 0, differing: 0 } }],
  ['too little was compared', 'parity', { parity: { compared: 500, differing: 0 } }],
  ['too much differed', 'parity', { parity: { compared: 100_000, differing: 200 } }],
  [
    'no rollback was drilled',
    'drilled',
    { facts: { watchedSince: daysAgo(99), directWatchedSince: daysAgo(99), directSeenAt: now } },
  ],
  ['the last drill was long ago', 'drilled', { facts: { ...DONE.facts, drilledAt: daysAgo(91) } }],
])('it stays while %s', (_why, condition, input) => {
  expect(unmet(checkRetirement({ ...DONE, ...input }))).toEqual([condition]);
});

describe('the evidence', () => {
  test('has its numbers', () => {
    expect(evidenceOf('full')).toBe('at 100 % since 2026-03-11 00:00 UTC, 20 days; wanted: 100 % for 14 days');
    expect(evidenceOf('unused')).toBe(
      'the old side served by weight: last 2026-03-11 00:00 UTC; as fallback: last 2026-03-23 00:00 UTC; ' +
        'for a tester: never seen; called past the edge: never seen; watched since 2026-03-01 00:00 UTC; ' +
        'wanted: unused for 7 days',
    );
    expect(evidenceOf('parity')).toMatch(
      /^12,430 compared, 0 unexplained, at most 0\.0\d+ % with 99 % confidence; wanted: at most 0\.1 %$/,
    );
    expect(evidenceOf('drilled')).toBe(
      'a rollback was drilled 2026-02-19 00:00 UTC, took 87 ms; wanted: within 90 days',
    );
  });

  test('says what nobody watches', () => {
    expect(evidenceOf('unused', { terms: { ...DONE.terms, directCalls: undefined } })).toMatch(
      /called past the edge: not watched \(retire\.directCalls is not set\)/,
    );
  });
});
