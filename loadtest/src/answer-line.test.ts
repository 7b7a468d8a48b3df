import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SIDES, formatAnswer, parseAnswer } from './answer-line.ts';
import type { Answer } from './answer-line.ts';

const answer: Answer = {
  askedAt: 1_700_000_000_123,
  elapsedMs: 841,
  person: 17,
  status: 200,
  side: 'coach',
  fallback: undefined,
  durationMs: 839.2,
  fault: undefined,
};

test.each([
  [answer, '1700000000123 841 17 200 coach - 839.2 -'],
  [
    { ...answer, status: 0, side: undefined, fault: 'dial: connection refused' },
    '1700000000123 841 17 0 - - 839.2 dial: connection refused',
  ],
  [
    { ...answer, side: 'legacy' as const, fallback: 'first-byte-timeout' },
    '1700000000123 841 17 200 legacy first-byte-timeout 839.2 -',
  ],
])('%j', (value, line) => {
  expect(formatAnswer(value)).toBe(line);
  expect(parseAnswer(line)).toEqual(value);
});

test('what a server sends stays on its line and in its field', () => {
  const line = formatAnswer({ ...answer, fallback: 'a b\nc', fault: 'x\ny\u2028z '.repeat(100) });
  expect(line.split('\n')).toHaveLength(1);
  const read = parseAnswer(line)!;
  expect(read.fallback).toBe('a_b_c');
  expect(read.fault).toMatch(/^x y z x y z/);
  expect(read.fault!.length).toBeLessThanOrEqual(200);
});

test.each(['', 'Request Failed', '1700000000123 841 17 200 coach', '1700000000123 841 x 200 coach - 1.0 -'])(
  '%j is no answer',
  (line) => expect(parseAnswer(line)).toBeUndefined(),
);

test('every answer is read as it was written', () => {
  const count = fc.nat({ max: 2 ** 45 });
  const text = fc.option(fc.stringMatching(/^[a-z][a-z-]{0,30}$/), { nil: undefined });
  const answers = fc.record({
    askedAt: count,
    elapsedMs: fc.nat(),
    person: fc.nat(),
    status: fc.nat({ max: 599 }),
    side: fc.constantFrom(undefined, ...SIDES),
    fallback: text,
    durationMs: fc.nat().map((tenths) => tenths / 10),
    fault: text,
  });
  fc.assert(fc.property(answers, (each) => expect(parseAnswer(formatAnswer(each))).toEqual(each)));
});
