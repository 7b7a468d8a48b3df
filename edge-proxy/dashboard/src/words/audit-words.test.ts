import { describe, expect, test } from '@jest/globals';
import type { AuditEntry } from '@fit/edge-proxy/admin-api/schemas';
import { changesBesideWeight, isOfRamp, olderOf } from './audit-words.ts';

type After = AuditEntry['after'];

const plain = (texts: string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '));
const entry = (after: Partial<After>, members: Partial<AuditEntry> = {}): AuditEntry => ({
  route: 'wod',
  revision: 7,
  actor: 'ops',
  at: '2026-03-01T14:00:00.000Z',
  reason: 'why',
  before: { weight: 10 },
  after: { weight: 10, mirror_share: 0, retired: false, ramp: null, ...after },
  verdicts: [],
  ...members,
});

describe('besides the weight', () => {
  test.each<[string, Partial<After>, Partial<After>, string[]]>([
    ['nothing changes', { mirror_share: 5 }, { mirror_share: 5 }, []],
    ['a ramp starts', {}, { ramp: { phase: 'running', step: 1 } }, ['ramp: none → running, step 1']],
    [
      'a ramp goes on',
      { ramp: { phase: 'running', step: 1 } },
      { ramp: { phase: 'running', step: 2 } },
      ['ramp: running, step 1 → running, step 2'],
    ],
    [
      'a ramp is rolled back',
      { ramp: { phase: 'paused', step: 2 } },
      { ramp: { phase: 'rolled-back', step: 2 } },
      ['ramp: paused, step 2 → rolled back, step 2'],
    ],
    [
      'a ramp stays',
      { ramp: { phase: 'cancelled', step: 2 } },
      { ramp: { phase: 'cancelled', step: 2 }, mirror_share: 12.5 },
      ['mirror: 0 % → 12.5 %'],
    ],
    ['it is retired', { mirror_share: 5 }, { retired: true }, ['mirror: 5 % → 0 %', 'retired: no way back']],
    ['it is unretired', { retired: true }, {}, ['unretired']],
  ])('%s', (_name, before, after, expected) => {
    expect(plain(changesBesideWeight(entry(after), entry(before, { revision: 6 })))).toEqual(expected);
  });

  test('the first change has an untouched route before it', () => {
    expect(plain(changesBesideWeight(entry({ mirror_share: 5 }, { revision: 1 }), undefined))).toEqual([
      'mirror: 0 % → 5 %',
    ]);
  });

  test('what is there is told where the change before is not known', () => {
    const after: Partial<After> = { mirror_share: 5, retired: true, ramp: { phase: 'completed', step: 3 } };
    expect(plain(changesBesideWeight(entry(after), undefined))).toEqual([
      'ramp: completed, step 3',
      'mirror: 5 %',
      'retired',
    ]);
    expect(changesBesideWeight(entry({}), undefined)).toEqual([]);
  });
});

test('the change before is the next one of the same route', () => {
  const entries = [entry({}), entry({}, { route: 'other' }), entry({}, { revision: 6 })];
  expect(olderOf(entries, 0)).toBe(entries[2]);
  expect(olderOf(entries, 1)).toBeUndefined();
});

test('a change that the edge made itself is known by its actor', () => {
  expect(isOfRamp(entry({}, { actor: 'ramp' }))).toBe(true);
  expect(isOfRamp(entry({}))).toBe(false);
});
