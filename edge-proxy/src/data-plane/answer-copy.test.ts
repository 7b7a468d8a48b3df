import { expect, test } from '@jest/globals';
import { AnswerCopy } from './answer-copy.ts';

test('an answer that takes the place of one that was too large is whole, without any of it', () => {
  const copy = new AnswerCopy(4);
  copy.begin(200, ['a', 'b']);
  copy.add(Buffer.from('12'));
  copy.add(Buffer.from('345'));
  expect([copy.isTooLarge, copy.body.length]).toEqual([true, 0]);
  copy.begin(204, []);
  copy.end();
  expect(copy).toMatchObject({ status: 204, headers: [], isWhole: true, isTooLarge: false });
  expect(copy.body.length).toBe(0);
});
