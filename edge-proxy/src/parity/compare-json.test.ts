import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createComparator } from './compare-json.ts';
import type { ComparedAnswer, CompareRules } from './comparator.ts';
import { compareJson, isIgnored } from './comparison.ts';

const RULES: CompareRules = { headers: [], ignore: [], tolerance: {} };

function answer(body: unknown, more: Partial<ComparedAnswer> = {}): ComparedAnswer {
  return { status: 200, headers: {}, body, text: JSON.stringify(body), digest: undefined, ...more };
}

function text(value: string): ComparedAnswer {
  return answer(undefined, { text: value });
}

describe('two values', () => {
  test.each<[string, unknown, unknown, [string, string | undefined, string | undefined][]]>([
    ['equal', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['members in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['a number', { a: 1 }, { a: 2 }, [['body.a', '1', '2']]],
    ['a number and its text', { a: 1 }, { a: '1' }, [['body.a', '1', '"1"']]],
    ['nothing and null', { a: null }, {}, [['body.a', 'null', undefined]]],
    ['one more', {}, { a: 1 }, [['body.a', undefined, '1']]],
    ['within a list', { l: [{ a: 1 }, { a: 2 }] }, { l: [{ a: 1 }, { a: 3 }] }, [['body.l[].a', '2', '3']]],
    ['a longer list', { l: [1] }, { l: [1, 2] }, [['body.l', 'a list of 1', 'a list of 2']]],
    ['list and object', { l: [] }, { l: {} }, [['body.l', 'a list of 0', 'an object of 0 members']]],
    ['zeros', { a: 0 }, JSON.parse('{"a":-0}'), []],
    ['inherited names', {}, { toString: 1 }, [['body.toString', undefined, '1']]],
    ['objects are not shown', { a: { password: 'x' } }, { a: 1 }, [['body.a', 'an object of 1 members', '1']]],
  ])('%s', (_what, old, fresh, expected) => {
    const found = compareJson({ old, new: fresh }, 'body', RULES);
    expect(found.map((each) => [each.field, each.old, each.new])).toEqual(expected);
  });

  test('that are equal never differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy: unknown = JSON.parse(JSON.stringify(value));
        const same: unknown = JSON.parse(JSON.stringify(value));
        expect(compareJson({ old: copy, new: same }, 'body', RULES)).toEqual([]);
      }),
    );
  });

  test('that are not equal differ, either way round, unless all of it is ignored', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const [old, fresh] = [one, other].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        fc.pre(sorted(old) !== sorted(fresh));
        expect(compareJson({ old, new: fresh }, 'body', RULES)).not.toEqual([]);
        expect(compareJson({ old: fresh, new: old }, 'body', RULES)).not.toEqual([]);
        expect(compareJson({ old, new: fresh }, 'body', { ...RULES, ignore: ['body'] })).toEqual([]);
      }),
    );
  });

  test('have so many differences and no more', () => {
    const old = Array.from({ length: 1000 }, () => 0);
    const fresh = old.map(() => 1);
    expect(compareJson({ old, new: fresh }, 'body', RULES)).toHaveLength(100);
  });
});

/** Members in one order. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))
      : each,
  );
}

test.each([
  ['body.a', 'body.a', true],
  ['body.a', 'body.a.b', true],
  ['body.a', 'body.a[].b', true],
  ['body.a', 'body.ab', false],
  ['body.a[].b', 'body.a[].b', true],
  ['body.a.b', 'body.a', false],
])('the rule %s for %s: %s', (rule, field, expected) => {
  expect(isIgnored(field, { ...RULES, ignore: [rule] })).toBe(expected);
});

test.each([
  [1, 1.5, true],
  [1, 0.5, true],
  [1, 1.51, false],
  [1, '1', false],
])('with a tolerance of a half, %j and %j agree: %s', (old, fresh, agree) => {
  const rules = { ...RULES, tolerance: { 'body.a': 0.5 } };
  expect(compareJson({ old: { a: old }, new: { a: fresh } }, 'body', rules)).toHaveLength(agree ? 0 : 1);
});

describe('two answers', () => {
  const { compare } = createComparator({ ...RULES, headers: ['Content-Type'] });

  test.each<[string, ComparedAnswer, ComparedAnswer, object[]]>([
    ['the same text', text('a'), text('a'), []],
    [
      'bodies after another status do not count',
      answer(1),
      answer(2, { status: 500 }),
      [{ field: 'status', old: '200', new: '500' }],
    ],
    [
      'two errors',
      answer(1, { status: 401 }),
      answer(1, { status: 403 }),
      [{ field: 'status', old: '401', new: '403' }],
    ],
    [
      'a header that matters',
      answer(1, { headers: { 'content-type': 'a', etag: '1' } }),
      answer(1, { headers: { etag: '2' } }),
      [{ field: 'header content-type', old: 'a', new: undefined }],
    ],
    [
      'other bytes',
      text('a'),
      answer(undefined, { text: undefined, digest: 'ff' }),
      [{ field: 'body', old: 'text of 1 characters', new: 'sha256 ff' }],
    ],
    [
      'the same bytes',
      answer(undefined, { text: undefined, digest: 'ff' }),
      answer(undefined, { text: undefined, digest: 'ff' }),
      [],
    ],
    ['no JSON on one side', answer({}), text('oops'), [{ field: 'body', old: '{}', new: 'oops' }]],
  ])('%s', (_what, old, fresh, expected) => {
    expect(compare(old, fresh)).toEqual(expected);
  });

  test('that are long texts show where they differ', () => {
    const [found] = compare(text(`${'-'.repeat(500)}one`), text(`${'-'.repeat(500)}two`));
    expect(found).toEqual({ field: 'body', old: `${'-'.repeat(60)}one`, new: `${'-'.repeat(60)}two` });
  });

  test('show no half of a token', () => {
    const token = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(300)}.${'b'.repeat(200)}`;
    const shown = JSON.stringify(compare(text(`x ${token}1 y`), text(`x ${token}2 z`)));
    expect(shown).toContain('[redacted]');
    expect(shown).not.toMatch(/aaa|bbb/);
  });

  test('are too deep for nobody but the comparator', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}1${']'.repeat(50_000)}`) as unknown;
    const other = JSON.parse(`${'['.repeat(50_000)}2${']'.repeat(50_000)}`) as unknown;
    expect(() => compare(answer(deep, { text: 'a' }), answer(other, { text: 'b' }))).toThrow(RangeError);
  });
});
