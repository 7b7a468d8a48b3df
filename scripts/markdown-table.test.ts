import { expect, test } from '@jest/globals';
import { markdownTable } from './markdown-table.ts';

test('pads every column to its longest cell, and to three dashes at least', () => {
  expect(
    markdownTable([
      ['a', 'what'],
      ['longer', 'x'],
    ]),
  ).toBe('| a      | what |\n| ------ | ---- |\n| longer | x    |');
  expect(markdownTable([['a'], ['b']])).toBe('| a   |\n| --- |\n| b   |');
});
