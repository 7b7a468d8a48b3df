import { expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { parseSelector } from '../domain/counter-selector.ts';
import { sumOf } from './prometheus-text.ts';

const TEXT = String.raw`# HELP calls_total Calls, such as calls_total{a="b"} 99, or
# HELP calls_total calls_total 99
# TYPE calls_total counter
calls_total{code="200",caller="edge"} 1000
calls_total{code="500",caller="edge"} 20 1700000000000
  calls_total{ code = "500" , caller="direct", } 3.5e1
calls_total{code="4\"} 7",caller="direct"}	1

# a comment
not_calls_total 11
calls_total_more 12
plain 0
plus +4
signed{a="calls_total 5"} -1
infinite +Inf
unknown NaN
words many
two 1 2 3
hex 0x10
torn{a="b" 5
torn{a="c"} 6
unlabelled{a=b} 5
close{a="b"}7
`;

test.each([
  ['calls_total', 1056],
  ['calls_total{}', 1056],
  ['calls_total{code="500"}', 55],
  ['calls_total{caller="edge"}', 1020],
  ['calls_total{caller="direct",code="500"}', 35],
  [String.raw`calls_total{code="4\"} 7"}`, 1],
  ['calls_total{code="404"}', undefined],
  ['calls', undefined],
  ['total', undefined],
  ['plain', 0],
  ['plain{a=""}', 0],
  ['plus', 4],
  ['signed', undefined],
  ['infinite', undefined],
  ['unknown', undefined],
  ['words', undefined],
  ['two', undefined],
  ['hex', undefined],
  ['torn', undefined],
  ['torn{a="c"}', undefined],
  ['unlabelled', undefined],
  ['close', 7],
])('%s is %j', (selector, sum) => {
  expect(sumOf(TEXT, parseSelector(selector))).toBe(sum);
});

test.each([
  ['', undefined],
  ['\n', undefined],
  ['plain 12', undefined],
  ['plain 12\n', 12],
  ['plain 12\r\n', 12],
  ['plain\n', undefined],
  ['plain \n', undefined],
  ['<html>plain 12</html>\n', undefined],
  [`# HELP x ${' '.repeat(100)}plain 12\n`, undefined],
])('of %j', (text, sum) => {
  expect(sumOf(text, parseSelector('plain'))).toBe(sum);
});

test('what our own services write can be read', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'x' });
  const counter = new Counter({
    name: 'c_total',
    help: 'A "c" \\ and\nmore.',
    labelNames: ['l'],
    registers: [registry],
  });
  const odd = 'a"b\\c\nd{e="f"} 8';
  counter.inc({ l: 'plain' }, 2);
  counter.inc({ l: odd }, 0.5);
  const text = await registry.metrics();
  expect(sumOf(text, parseSelector('c_total'))).toBe(2.5);
  expect(sumOf(text, { name: 'c_total', labels: new Map([['l', odd]]) })).toBe(0.5);
});
