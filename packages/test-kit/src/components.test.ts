import { describe, expect, test } from '@jest/globals';
import { absenceOf, describeWith } from './components.ts';

const present = { name: 'a calculator', find: async () => ({ available: true, value: (n: number) => n + 1 }) as const };

await describeWith(present, 'with a component that is there', (increment) => {
  test('the suite gets what was found', () => expect(increment(1)).toBe(2));
});

describe('an absent component', () => {
  test('is named with the reason', () => {
    const { title } = absenceOf('an oracle', 'prophecies', 'DELPHI_URL is not set', {});
    expect(title).toBe('prophecies (needs an oracle: DELPHI_URL is not set)');
  });

  test.each([
    [{}, 'skip'],
    [{ CI: 'false' }, 'skip'],
    [{ CI: 'true' }, 'fail'],
  ])('with %j its tests %s', (env, kind) => {
    expect(absenceOf('an oracle', 'prophecies', 'gone', env).kind).toBe(kind);
  });
});
