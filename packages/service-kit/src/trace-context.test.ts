import { expect, test } from '@jest/globals';
import { traceContextOf } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

test.each([
  ['the version of today', `00-${TRACE}-${PARENT}-01`, 1],
  ['flags that nobody knows yet', `00-${TRACE}-${PARENT}-ff`, 255],
  ['a later version', `cc-${TRACE}-${PARENT}-00`, 0],
  ['a later version that says more', `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, 1],
])('takes %s', (_what, traceparent, flags) => {
  const taken = { traceId: TRACE, parentId: PARENT, flags, traceparent, state: undefined };
  expect(traceContextOf({ traceparent })).toEqual(taken);
});

test.each([
  ['nothing', undefined],
  ['an empty one', ''],
  ['text', 'garbage'],
  ['10 KB', 'a'.repeat(10_240)],
  ['10 KB after a sane beginning', `cc-${TRACE}-${PARENT}-01-${'a'.repeat(10_240)}`],
  ['more in the version of today', `00-${TRACE}-${PARENT}-01-more`],
  ['version ff', `ff-${TRACE}-${PARENT}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
  ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a short trace id', `00-${TRACE.slice(1)}-${PARENT}-01`],
  ['no flags', `00-${TRACE}-${PARENT}`],
  ['several, as Node joins them', `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
  ['several of a later version', `cc-${TRACE}-${PARENT}-01, cc-${TRACE}-${PARENT}-01`],
  ['a space before it', ` 00-${TRACE}-${PARENT}-01`],
])('takes %s for no context', (_what, traceparent) => {
  expect(traceContextOf({ traceparent, tracestate: 'a=1' })).toBeUndefined();
});

test.each([
  ['one member', 'congo=t61rcWkgMzE', 'congo=t61rcWkgMzE'],
  ['several fields, as Node joins them', 'a=1, b=2', 'a=1, b=2'],
  ['512 characters', `a=${'1'.repeat(510)}`, `a=${'1'.repeat(510)}`],
  ['513 characters', `a=${'1'.repeat(511)}`, undefined],
  ['what is no list of members', 'garbage', undefined],
  ['bytes that are no text', 'a=\u00fc', undefined],
  ['nothing', undefined, undefined],
])('takes of %s as the state what is sane', (_what, tracestate, state) => {
  expect(traceContextOf({ traceparent: `00-${TRACE}-${PARENT}-01`, tracestate })?.state).toBe(state);
});
