import { beforeEach, expect, test } from '@jest/globals';
import { LoginCodes } from './login-codes.ts';

let nowMs: number;
let codes: LoginCodes;

beforeEach(() => {
  nowMs = 0;
  codes = new LoginCodes(() => nowMs);
});

const REFUSED = expect.objectContaining({ code: 'invalid-login-code', status: 401 });

test('a code of 128 bits stands for its token, once', () => {
  const code = codes.issue('token-1');
  expect(Buffer.from(code, 'base64url')).toHaveLength(16);
  codes.issue('token-2');
  expect(codes.exchange(code)).toBe('token-1');
  expect(() => codes.exchange(code)).toThrow(REFUSED);
});

test('a code lives for a minute', () => {
  const [first, second] = [codes.issue('a'), codes.issue('b')];
  nowMs = 59_999;
  expect(codes.exchange(first)).toBe('a');
  nowMs = 60_000;
  expect(() => codes.exchange(second)).toThrow(REFUSED);
});

test('a hundred may be open; what was used or ended makes room', () => {
  const issued = Array.from({ length: 100 }, () => codes.issue('x'));
  expect(() => codes.issue('x')).toThrow(expect.objectContaining({ code: 'overloaded' }));
  codes.exchange(issued[50]!);
  codes.issue('x');
  expect(() => codes.issue('x')).toThrow();
  nowMs = 60_000;
  expect(codes.exchange(codes.issue('y'))).toBe('y');
});

test.each(['', 'x', '__proto__', 'A'.repeat(22)])('%j never was a code', (code) => {
  codes.issue('token');
  expect(() => codes.exchange(code)).toThrow(REFUSED);
});
