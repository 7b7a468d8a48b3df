import { expect, test } from '@jest/globals';
import { remember } from './remember.ts';

test('computes each argument once, undefined results too, until there are too many', () => {
  const asked: string[] = [];
  const length = remember((text) => {
    asked.push(text);
    return text === '' ? undefined : text.length;
  }, 2);
  expect(['a', 'a', '', ''].map(length)).toEqual([1, 1, undefined, undefined]);
  expect(asked).toEqual(['a', '']);
  expect(['bb', 'bb', 'a'].map(length)).toEqual([2, 2, 1]);
  expect(asked).toEqual(['a', '', 'bb', 'a']);
});
