import { describe, expect, test } from '@jest/globals';
import { ownOperatorToken } from './operator.ts';

const NOW_MS = Date.parse('2026-03-29T10:00:00Z');
const soak = { scenario: 'soak', load: { seconds: 3600, rate: 0 } } as const;
const objective = { scenario: 'objective', load: { seconds: 3600, rate: 0 } } as const;
const tokenOf = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;
const endingIn = (seconds: number) => tokenOf({ exp: NOW_MS / 1000 + seconds });

describe("an operator's own token", () => {
  test.each([
    ['lasts as long as the run', endingIn(4200)],
    ['says not when it ends', tokenOf({ sub: 'olga' })],
    ['is no JWT', 'opaque'],
  ])('is used where it %s', (_name, token) => {
    expect(ownOperatorToken({ EDGE_ADMIN_TOKEN: ` ${token}\n` }, soak, NOW_MS)).toBe(token);
  });

  test.each([undefined, '', ' '])('is none where it is %j', (token) => {
    expect(ownOperatorToken({ EDGE_ADMIN_TOKEN: token }, soak, NOW_MS)).toBeUndefined();
  });

  test.each([
    [soak, 4199],
    [objective, 4200],
    [soak, -1],
  ])('that ends before the run does is wrong usage: %j, %d s', (run, seconds) => {
    const use = () => ownOperatorToken({ EDGE_ADMIN_TOKEN: endingIn(seconds) }, run, NOW_MS);
    const ends = new Date(NOW_MS + seconds * 1000).toISOString();
    const takes = run === soak ? 4200 : 11_400;
    expect(use).toThrow(`EDGE_ADMIN_TOKEN ends at ${ends}, and ${run.scenario} takes up to ${takes} s from now`);
    expect(use).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
  });
});
