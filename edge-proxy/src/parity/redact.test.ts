import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MOST_VALUE_CHARACTERS, Redactor } from './redact.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl';
const redactor = new Redactor(['nick_name']);

test.each([
  ['body.exercises[].name', '"Squat"', '"Squat"'],
  ['body.user.e-mail', '"x"', '[redacted]'],
  ['body.user.email.verified', 'true', '[redacted]'],
  ['body.accessToken', '"x"', '[redacted]'],
  ['header set-cookie', 'a=b', '[redacted]'],
  ['body.people[].first_name', '"Eve"', '[redacted]'],
  ['body.nickName', '"Eve"', '[redacted]'],
  ['body.text', `"see ${JWT}, please"`, '"see [redacted], please"'],
  ['body.text', 'Authorization: Bearer abcdef123456', 'Authorization: [redacted]'],
  ['body.text', '"write to eve.b+c@mail.example.com!"', '"write to [redacted]!"'],
  ['body', '{"password": "a\\"b", "id": 1}', '{"password": "[redacted]", "id": 1}'],
  ['body', '{"phone":12345,"nick-name":"E"}', '{"phone":"[redacted]","nick-name":"[redacted]"}'],
])('%s: %s', (field, text, expected) => {
  expect(redactor.value(field, text)).toBe(expected);
});

test('no value stays none, of secret fields too', () => {
  expect(redactor.value('body.token', undefined)).toBeUndefined();
});

test('what is left of a long value holds no half of a token', () => {
  const kept = redactor.value('body.text', `${'x '.repeat(95)}${JWT}`)!;
  expect(kept.length).toBeLessThanOrEqual(MOST_VALUE_CHARACTERS);
  expect(kept).not.toContain('eyJ');
});

test('names of fields may be secrets themselves', () => {
  expect(redactor.field('body.byMail.eve@example.com.id')).toBe('[redacted]');
});

test('a token is hidden wherever it stands', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(redactor.value('body.x', `${before.slice(0, 50)} ${JWT} ${after}`)).not.toContain('eyJzdWIi');
    }),
  );
});

test.each([
  ['letters', 'a'],
  ['beginnings of tokens', 'eyJ-'],
  ['beginnings of members', '"a":"'],
  ['backslashes', '"a":"\\'],
])('many %s take no time that grows with their square', (_what, piece) => {
  const before = process.cpuUsage();
  redactor.value('body', piece.repeat(300_000 / piece.length));
  redactor.text(piece.repeat(8000 / piece.length));
  const { user } = process.cpuUsage(before);
  expect(user / 1000).toBeLessThan(2000);
});
