import { describe, expect, test } from '@jest/globals';
import { NoAnswerError, RefusedError, explain, problemFrom } from './problem.ts';

const CONFLICT = {
  type: 'revision-conflict',
  title: 'The revision is not the current one',
  status: 412,
  detail: 'revision 3 was given, the current one is 4',
  current_revision: 4,
  current_weight: 25,
};

describe('a refusal', () => {
  test('has what the edge says', () => {
    expect(problemFrom(412, CONFLICT)).toEqual({
      type: CONFLICT.type,
      title: CONFLICT.title,
      status: 412,
      detail: CONFLICT.detail,
      currentRevision: 4,
      currentWeight: 25,
    });
  });

  test.each([undefined, null, 'text', 7, [], { title: 5, detail: {}, current_revision: '4' }])(
    'with the body %p is one all the same',
    (body) => {
      expect(problemFrom(502, body)).toEqual({
        type: 'unknown',
        title: 'The answer was 502',
        status: 502,
        detail: '',
        currentRevision: undefined,
        currentWeight: undefined,
      });
    },
  );
});

test.each([
  [new RefusedError(problemFrom(412, CONFLICT)), `${CONFLICT.title}: ${CONFLICT.detail}`],
  [new RefusedError(problemFrom(502, undefined)), 'The answer was 502'],
  [new NoAnswerError('refused'), 'The edge did not answer'],
  [new Error('else'), 'else'],
])('%p is told as %p', (error, words) => {
  expect(explain(error)).toBe(words);
});
