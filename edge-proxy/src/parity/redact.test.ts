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
  ['body', '{"phone":12345,"nick-name":"E"}', '{"phone":[redacted],"nick-name":"[redacted]"}'],
  ['body.cardio.footprint.spin', '"adobe"', '"adobe"'],
  ['body.session.code', '"a.b-c"', '"a.b-c"'],
  ...['dob', 'birthDate', 'otp', 'userPIN', 'pin_code', 'ssn', 'IBANNumber', 'card', 'cardNumber', 'jwt'].map(
    (name): [string, string, string] => [`body.people[].${name}`, '"1"', '[redacted]'],
  ),
])('%s: %s', (field, text, expected) => {
  expect(redactor.value(field, text)).toBe(expected);
});

test.each([
  ['/cb?access_token=s3cr3t&code=abc&state=1', '/cb?access_token=[redacted]&code=[redacted]&state=1'],
  ['<https://x/?api_key=s3cr3t>; rel=next', '<https://x/?api_key=[redacted]>; rel=next'],
  ['/?next=https%3A%2F%2Fx%2F%3Fcode%3Ds3cr3t&a=b', '/?next=https%3A%2F%2Fx%2F%3Fcode%3D[redacted]&a=b'],
  ['password=s3cr3t&weight=80', 'password=[redacted]&weight=80'],
  ['user[pwd]=s3cr3t', 'user[pwd]=[redacted]'],
  ["passwd = 's3c r3t' or so", 'passwd = [redacted] or so'],
  ['sid=s3cr3t; path=/', 'sid=[redacted] path=/'],
  ['cardio=30&opinion=5', 'cardio=30&opinion=5'],
  ['password: s3c r3t\nnext', 'password: [redacted]\nnext'],
  ["{'pin': 's3cr3t'", "{'pin': [redacted]"],
  ['token=Bearer s3cr3ts3cr3t;s3cr3t&a=b', 'token=[redacted]&a=b'],
  ['it costs: 5', 'it costs: 5'],
  ['<name lang="en">Squat</name><otp x="1">s3cr3t</otp>', '<name lang="en">Squat</name><otp x="1">[redacted]</otp>'],
  ['"/?token\\u003ds3cr3t"', '"/?token\\u003d[redacted]"'],
  ['see "https://bob:s3cr@t@host/x"', 'see "https://[redacted]@host/x"'],
  ['?mail=eve%40s3cr3t.example', '?mail=[redacted]'],
  ['Digest username="bob", nonce="s3cr3t"', '[redacted]'],
  ['Basic czNjcjN0', '[redacted]'],
  ['{"password":{"v":"s3cr3t"},"id":1}', '{"password":[redacted]'],
  ['{"otp": ["s3cr3t"], "id": 1}', '{"otp": [redacted]'],
  ['{"pin": 1234, "id": 1}', '{"pin": [redacted], "id": 1}'],
  ['{"a":"pin\\"","pin":"s3cr3t"}', '{"a":"pin\\"","pin":"[redacted]"}'],
  ['"{\\"password\\":\\"s3\\\\\\"cr3t\\",\\"id\\":1}"', '"{\\"password\\":\\"[redacted]\\",\\"id\\":1}"'],
  ['"{\\"password\\":{\\"v\\":\\"s3cr3t\\"}}"', '"{\\"password\\":[redacted]'],
])('in text: %s', (text, expected) => {
  const shown = redactor.value('body.text', text);
  expect(shown).toBe(expected);
  expect(redactor.value('body.text', shown)).toBe(expected);
});

/** JSON text, and JSON text within that, and so on. */
const nested = fc
  .tuple(fc.string(), fc.string(), fc.constantFrom('password', 'pin', 'x_token'), fc.nat(5))
  .map(([before, after, name, depth]) => {
    let text = JSON.stringify({ before, [name]: `${after}s3cr3t${after}`, after });
    for (let level = 0; level < depth; level++) text = JSON.stringify(text);
    return text;
  });

test('no secret is shown of JSON in JSON, however it is quoted', () => {
  fc.assert(fc.property(nested, (text) => expect(redactor.text(text)).not.toContain('s3cr3t')));
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
  expect(redactor.field('body.byLink./x?token=s3cr3t')).toBe('body.byLink./x?token=[redacted]');
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
  ['backslashes alone', '\\'],
  ['secret members', '"pin":\\"'],
  ['secret parameters', 'pin='],
  ['ends of users', '//a@'],
  ['beginnings of users', '//'],
  ['labels', 'pin:  '],
  ['beginnings of elements', '<a '],
  ['digests', 'digest a'],
  ['encoded parameters', '%3Fcode%3D'],
  ['spaces', ' '],
])('many %s take no time that grows with their square', (_what, piece) => {
  const before = process.cpuUsage();
  redactor.value('body', piece.repeat(200_000 / piece.length));
  expect(redactor.text(piece.repeat(200_000 / piece.length)).length).toBeLessThan(100_000);
  const { user } = process.cpuUsage(before);
  expect(user / 1000).toBeLessThan(2000);
});
