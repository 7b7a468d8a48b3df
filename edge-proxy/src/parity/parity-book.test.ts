import { describe, expect, test } from '@jest/globals';
import { MOST_FIELDS, MOST_SAMPLES } from '../domain/parity.ts';
import type { ParityReport } from '../domain/parity.ts';
import { sumOfParity } from '../domain/sum-parity.ts';
import { revision } from '../domain/weight.ts';
import { ParityBook } from './parity-book.ts';
import { parityReportSchema } from './parity-schema.ts';
import { Redactor } from './redact.ts';

const EPOCH = revision(3);
const noted = (at: number) => ({
  requestId: `r${at}`,
  at: new Date(at * 1000).toISOString(),
  redactor: new Redactor([]),
});
const differs = (field: string, old?: string, fresh?: string) => ({ field, old, new: fresh });

describe('the book', () => {
  test('counts pairs, differing ones, and where they differ: a field once in a pair', () => {
    const book = new ParityBook();
    book.compared(EPOCH, [], noted(1));
    book.compared(EPOCH, [differs('a[].b', '1', '2'), differs('a[].b', '3', '4'), differs('c')], noted(2));
    book.skipped(EPOCH, 'busy');
    expect(book.report(EPOCH)).toEqual({
      compared: 2,
      differing: 1,
      skipped: { busy: 1 },
      fields: [
        { field: 'a[].b', pairs: 1, samples: [{ at: noted(2).at, requestId: 'r2', old: '1', new: '2' }] },
        { field: 'c', pairs: 1, samples: [{ at: noted(2).at, requestId: 'r2', old: undefined, new: undefined }] },
      ],
      live: { old: { checked: 0, broken: 0, rules: {} }, new: { checked: 0, broken: 0, rules: {} } },
    });
  });

  test('keeps the first samples and the latest', () => {
    const book = new ParityBook();
    for (let at = 1; at <= 9; at++) book.compared(EPOCH, [differs('a')], noted(at));
    const { samples } = book.report(EPOCH).fields[0]!;
    expect(samples.map(({ requestId }) => requestId).sort()).toEqual(['r1', 'r2', 'r9']);
  });

  test('is bounded, whatever the answers hold, and what it reports fits the schema', () => {
    const book = new ParityBook();
    for (let at = 0; at < 300; at++) {
      book.compared(
        EPOCH,
        [differs(`body.${'x'.repeat(at * 10)}${at}`, 'y'.repeat(9999)), differs(`b${at}`)],
        noted(at),
      );
      book.checked(EPOCH, 'new', [{ rule: `rule ${at}`, found: '' }]);
    }
    const report = book.report(EPOCH);
    expect(report.fields).toHaveLength(MOST_FIELDS);
    expect(report.fields.at(-1)).toMatchObject({ field: '(other)' });
    expect(report.fields.at(-1)!.pairs).toBeLessThanOrEqual(300);
    expect(Object.keys(report.live.new.rules)).toHaveLength(MOST_FIELDS);
    expect(report.live.new).toMatchObject({ checked: 300, broken: 300 });
    expect(JSON.stringify(report).length).toBeLessThan(150_000);
    expect(parityReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test('begins anew with a newer epoch, and takes nothing of an older one', () => {
    const book = new ParityBook();
    book.compared(EPOCH, [differs('a')], noted(1));
    book.checked(EPOCH, 'old', [{ rule: 'r', found: '' }]);
    book.skipped(EPOCH, 'busy');
    book.compared(revision(4), [], noted(2));
    book.compared(EPOCH, [], noted(3));
    expect(book.report(revision(4))).toEqual({ ...sumOfParity([]), compared: 1 });
    expect(book.report(EPOCH)).toEqual(sumOfParity([]));
  });

  test('counts a rule once in an answer that breaks it twice', () => {
    const book = new ParityBook();
    book.checked(EPOCH, 'new', [
      { rule: 'r', found: '1' },
      { rule: 'r', found: '2' },
    ]);
    book.checked(EPOCH, 'new', []);
    expect(book.report(EPOCH).live.new).toEqual({ checked: 2, broken: 1, rules: { r: 1 } });
  });
});

describe('the sum of reports', () => {
  const report = (field: string, pairs: number, at: number): ParityReport => ({
    ...sumOfParity([]),
    compared: 10,
    differing: pairs,
    skipped: { busy: 1, [`s${at}`]: 1 },
    fields: [{ field, pairs, samples: [{ at: noted(at).at, requestId: `r${at}`, old: '1', new: '2' }] }],
    live: { old: { checked: 1, broken: 0, rules: {} }, new: { checked: 2, broken: 1, rules: { r: 1 } } },
  });

  test('of none is nothing, and of one is the same', () => {
    expect(sumOfParity([])).toMatchObject({ compared: 0, differing: 0, skipped: {}, fields: [] });
    expect(sumOfParity([report('a', 1, 1)])).toEqual(report('a', 1, 1));
  });

  test('adds everything up, the most frequent field first, the latest samples', () => {
    const sum = sumOfParity([1, 2, 3, 4].map((at) => report('a', 1, at)).concat(report('b', 9, 5)));
    expect(sum).toMatchObject({
      compared: 50,
      differing: 13,
      skipped: { busy: 5, s1: 1, s5: 1 },
      live: { old: { checked: 5, broken: 0 }, new: { checked: 10, broken: 5, rules: { r: 5 } } },
    });
    expect(sum.fields.map(({ field, pairs }) => [field, pairs])).toEqual([
      ['b', 9],
      ['a', 4],
    ]);
    expect(sum.fields[1]!.samples.map(({ requestId }) => requestId)).toEqual(['r4', 'r3', 'r2']);
    expect(sum.fields[1]!.samples).toHaveLength(MOST_SAMPLES);
  });

  test('has room for so many fields; the rarest go together', () => {
    const reports = Array.from({ length: 80 }, (_, at) => report(`f${at}`, 100 - at, at));
    const { fields } = sumOfParity([...reports, report('(other)', 500, 1)]);
    expect(fields).toHaveLength(MOST_FIELDS);
    expect(fields[0]).toMatchObject({ field: 'f0', pairs: 100 });
    expect(fields.at(-1)!.field).toBe('(other)');
    const all = reports.reduce((sum, { differing }) => sum + differing, 500);
    expect(fields.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(all);
  });
});

test.each([
  ['a negative count', { compared: -1 }],
  [
    'too many samples',
    { fields: [{ field: 'a', pairs: 1, samples: [1, 2, 3, 4].map((at) => ({ at: noted(at).at, requestId: 'r' })) }] },
  ],
  [
    'too many fields',
    { fields: Array.from({ length: MOST_FIELDS + 1 }, (_, at) => ({ field: `f${at}`, pairs: 1, samples: [] })) },
  ],
  [
    'a value that is too long',
    { fields: [{ field: 'a', pairs: 1, samples: [{ at: noted(1).at, requestId: 'r', old: 'x'.repeat(201) }] }] },
  ],
  ['too many reasons', { skipped: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`s${at}`, 1])) }],
])('a report of another edge with %s is refused', (_what, part) => {
  expect(parityReportSchema.safeParse({ ...sumOfParity([]), ...part }).success).toBe(false);
});
