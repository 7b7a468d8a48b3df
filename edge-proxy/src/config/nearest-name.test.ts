import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearestName } from './nearest-name.ts';

const NAMES = ['url', 'firstByteTimeoutMs', 'bodyIdleTimeoutMs', 'connectTimeoutMs', 'old', 'new'];

test.each([
  ['urls', 'url'],
  ['first_byte_timeout_ms', 'firstByteTimeoutMs'],
  ['FirstByteTimeout', 'firstByteTimeoutMs'],
  ['conectTimeoutMs', 'connectTimeoutMs'],
  ['bodyIdelTimeoutMs', 'bodyIdleTimeoutMs'],
  ['odl', 'old'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
])('%j is %s', (word, name) => {
  expect(nearestName(word, NAMES)).toBe(name);
});

test('of none there is none', () => {
  expect(nearestName('url', [])).toBeUndefined();
});

test('a long name with a letter left out, or two swapped, is found among those of another first letter', () => {
  const names = ['alpha-upstream', 'beta-upstream', 'gamma-upstream'];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.boolean(), (name, at, isSwapped) => {
      const cut = 1 + (at % (name.length - 2));
      const [a, b] = [name[cut]!, name[cut + 1]!];
      const slipped = name.slice(0, cut) + (isSwapped ? b + a : b) + name.slice(cut + 2);
      expect(nearestName(slipped, names)).toBe(name);
    }),
  );
});
