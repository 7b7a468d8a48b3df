import { expect, test } from '@jest/globals';
import { matchesEntityTag } from './if-none-match.ts';

test.each([
  [undefined, false],
  ['"now"', true],
  ['W/"now"', true],
  ['*', true],
  [' * ', true],
  ['"old", "now"', true],
  ['"old",W/"now" , "older"', true],
  ['"old"', false],
  ['now', false],
  ['w/"now"', false],
  ['"now', false],
  ['"*"', false],
  ['', false],
])('If-None-Match: %s matches "now": %s', (header, matches) => expect(matchesEntityTag(header, '"now"')).toBe(matches));
