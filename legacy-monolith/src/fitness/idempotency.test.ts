import { expect, test } from '@jest/globals';
import { parseIdempotencyKey } from './idempotency.ts';

test.each([undefined, 'a', 'k'.repeat(255), '8e03978e-40d5-43e8-bc93-6894a57f9324', '"quoted, with space"'])(
  'Idempotency-Key: %s is taken',
  (key) => expect(parseIdempotencyKey(key)).toBe(key),
);

test.each(['', 'k'.repeat(256), 'tab\tkey', 'schlüssel', 'nul\u0000'])('Idempotency-Key: %j is refused', (key) => {
  expect(() => parseIdempotencyKey(key)).toThrow(expect.objectContaining({ code: 'validation-failed' }));
});
