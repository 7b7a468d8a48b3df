import { describe, expect, test } from '@jest/globals';
import { hideInText, hideSecrets } from './hide-secrets.ts';
import { createLogger } from './logger.ts';

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJ1In0.c2lnbmF0dXJl';

describe('a text', () => {
  test.each([
    ['who@fit.example', 'w…@fit.example'],
    ['by who.ever+x@mail.fit.example: first', 'by w…@mail.fit.example: first'],
    [`${'x'.repeat(300)}@fit.example`, expect.stringMatching(/^x{1,100}…@fit\.example$/)],
    ['jürgen@fit.example', 'j…@fit.example'],
    ['(a@fit.example, b1@fit.example)', '(a…@fit.example, b…@fit.example)'],
    [`Bearer ${JWT}`, 'Bearer [Redacted]'],
    [`?access_token=${JWT}&x`, '?access_token=[Redacted]&x'],
    [JWT.slice(0, JWT.lastIndexOf('.')), '[Redacted]'],
    [`fit_admin_${'aB3-_'.repeat(8)}xyz`, '[Redacted]'],
    ['redis://:hunter2@redis:6379 and postgres://fit:pw@db/fit', 'redis://…@redis:6379 and postgres://…@db/fit'],
  ])('%s becomes %s', (text, shown) => {
    expect(hideInText(text)).toEqual(shown);
  });

  test.each([
    'node_modules/@fit/service-kit/src/env.ts',
    'undici@8.12.4',
    'redis://127.0.0.1:6379',
    'at 12:00 @ noon',
    'eyJ',
    '/fitness/wod',
  ])('%s stays', (text) => {
    expect(hideInText(text)).toBe(text);
  });

  test.each([`${'x'.repeat(1_000_000)}@`, '-eyJaaaaaa'.repeat(10_000)])('without an end takes no time', (text) => {
    const startedAt = performance.now();
    expect(hideInText(text)).toBe(text);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });
});

describe('fields', () => {
  test('with nothing to hide are the very same object', () => {
    const fields = { route: '/fitness/wod', status: 200, err: new Error('x'), none: null };
    expect(hideSecrets(fields)).toBe(fields);
  });

  test('lose what opens something, however deep, and what is too deep', () => {
    const headers = { cookie: 'a=b' };
    let deep: object = { password: 'hidden-1' };
    for (let level = 0; level < 10; level++) deep = { deep };
    const shown = hideSecrets({
      password: 'hidden-2',
      access_token: 'hidden-3',
      list: [{ Authorization: 'hidden-4' }, { headers }],
      error: Object.assign(new Error('of who@fit.example'), { query: 'hidden-5' }),
      deep,
      at: new Date(0),
    });
    const text = JSON.stringify(shown);
    expect(text).not.toMatch(/hidden|cookie|who@/);
    expect(text).toContain('1970-01-01T00:00:00.000Z');
  });
});

test('an error is logged by its kind, message, code, stack and causes, without what a driver added', () => {
  const lines: string[] = [];
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
  const cause = Object.assign(new Error('no'), {
    code: '23505',
    detail: 'Key (email)=(who@fit.example)',
    params: ['x'],
  });
  logger.error({ err: new TypeError(`of ${JWT}`, { cause }) }, 'failed');
  const { err } = JSON.parse(lines[0]!) as { err: { stack: string } };
  expect(err).toEqual({
    type: 'TypeError',
    message: 'of [Redacted]',
    stack: expect.stringContaining('hide-secrets.test.ts'),
    cause: { type: 'Error', message: 'no', code: '23505', stack: expect.any(String) },
  });
  expect(lines[0]).not.toContain(JWT);
});
