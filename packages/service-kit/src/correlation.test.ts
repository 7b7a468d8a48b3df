import { expect, test } from '@jest/globals';
import { requestIdOf } from './correlation.ts';

const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;

test.each(['a', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'web:1/2+3=', 'x'.repeat(128)])('%s stays', (id) => {
  expect(requestIdOf({ 'x-request-id': id })).toBe(id);
  expect(requestIdOf({ 'x-correlation-id': id })).toBe(id);
});

test.each(['', 'not sane', 'a@b.example', 'x'.repeat(129), 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.', 'by-fit_admin_abc'])(
  '%j becomes an id of ours',
  (id) => {
    expect(requestIdOf({ 'x-request-id': id })).toMatch(UUID);
  },
);
