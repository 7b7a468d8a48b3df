import { expect, test } from '@jest/globals';
import { isSelected, parseSelector } from './counter-selector.ts';

test.each<[string, string, Record<string, string>]>([
  ['requests_total', 'requests_total', {}],
  ['a:b_c', 'a:b_c', {}],
  ['calls{}', 'calls', {}],
  ['calls{ }', 'calls', {}],
  ['calls{caller="direct"}', 'calls', { caller: 'direct' }],
  ['calls{ caller = "direct" , code="500", }', 'calls', { caller: 'direct', code: '500' }],
  ['calls{a="",b="}"}', 'calls', { a: '', b: '}' }],
  [String.raw`calls{a="say \"hi\"\n\\n"}`, 'calls', { a: 'say "hi"\n\\n' }],
])('%s', (text, name, labels) => {
  const selector = parseSelector(text);
  expect({ name: selector.name, labels: Object.fromEntries(selector.labels) }).toEqual({ name, labels });
});

test.each([
  '',
  ' calls',
  'calls ',
  '1calls',
  'c-alls',
  '{a="b"}',
  'calls{',
  'calls}',
  'calls{a}',
  'calls{a=b}',
  'calls{a="b}',
  'calls{a="b"c="d"}',
  'calls{,a="b"}',
  'calls{a="b",,}',
  'calls{a="b",a="c"}',
  'calls{a=~"b"}',
  'calls{a="b"} 1',
  'calls{a="b\\"}',
  'calls{a="\\t"}',
  'calls{a="b\n"}',
])('%j names no counter', (text) => {
  expect(() => parseSelector(text)).toThrow(`received ${JSON.stringify(text)}`);
});

test.each([
  ['calls', { a: '1' }, true],
  ['calls{a="1"}', { a: '1', b: '2' }, true],
  ['calls{a="1"}', { a: '2' }, false],
  ['calls{a="1",b="2"}', { a: '1' }, false],
  ['calls{c=""}', { a: '1' }, true],
  ['calls{c=""}', { c: 'x' }, false],
])('%s and a series with %j: %j', (text, labels: Record<string, string>, selected) => {
  expect(isSelected(parseSelector(text), new Map(Object.entries(labels)))).toBe(selected);
});
