import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sideOf } from '../src/domain/split.ts';
import { weightFromPercent } from '../src/domain/weight.ts';
import { startEdgeUnderTest } from './edge-under-test.ts';
import type { EdgeUnderTest } from './edge-under-test.ts';

let edge: EdgeUnderTest;
beforeAll(async () => (edge = await startEdgeUnderTest()));
afterAll(async () => await edge[Symbol.asyncDispose]());
beforeEach(async () => await edge.setWeight(0));

const as = (sub: string, claims: Record<string, unknown> = {}) => ({
  headers: { authorization: `Bearer ${edge.tokens.issue({ sub, ...claims })}` },
});
const servedBy = async (sub: string) => (await edge.get('/fitness/wod', as(sub))).headers['x-served-by'];

describe('who serves whom', () => {
  test.each([0, 10, 50, 99.99, 100])('at %d %% everybody is where the hash says, at every request', async (percent) => {
    await edge.setWeight(percent);
    for (let user = 0; user < 40; user++) {
      const side = sideOf('wod', `user-${user}`, weightFromPercent(percent));
      const expected = side === 'new' ? 'coach' : 'legacy';
      expect(await servedBy(`user-${user}`)).toBe(expected);
      expect(await servedBy(`user-${user}`)).toBe(expected);
    }
  });

  test('a change is in force when its answer is there', async () => {
    for (let round = 0; round < 10; round++) {
      await edge.setWeight(100);
      expect(await servedBy('user-1')).toBe('coach');
      await edge.setWeight(0);
      expect(await servedBy('user-1')).toBe('legacy');
    }
  });

  test('a forged token is hashed like any other and gets its verdict behind', async () => {
    await edge.setWeight(50);
    const payload = Buffer.from(JSON.stringify({ sub: 'user-3' })).toString('base64url');
    const answer = await edge.get('/fitness/wod', { headers: { authorization: `Bearer x.${payload}.y` } });
    expect(answer.headers['x-served-by']).toBe(await servedBy('user-3'));
  });

  test('without a token the client address decides', async () => {
    await edge.setWeight(50);
    const expected = sideOf('wod', '127.0.0.1', weightFromPercent(50)) === 'new' ? 'coach' : 'legacy';
    expect((await edge.get('/fitness/wod')).headers['x-served-by']).toBe(expected);
  });

  test.each([
    '/fitness/wod/',
    '/fitness//wod',
    '/fitness/./wod',
    '/Fitness/wod',
    '/fitness%2fwod',
    '/fitness/wods',
    '/exercises',
  ])('%s is not migrated', async (path) => {
    await edge.setWeight(100);
    expect((await edge.get(path, as('user-1'))).headers['x-served-by']).toBe('legacy');
  });

  test('the query does not matter', async () => {
    await edge.setWeight(100);
    expect((await edge.get('/fitness/wod?day=1', as('user-1'))).headers['x-served-by']).toBe('coach');
  });
});

describe('a cohort key from elsewhere', () => {
  const side = (key: string) => (sideOf('wod', key, weightFromPercent(50)) === 'new' ? 'coach' : 'legacy');

  test.each([
    ['a cookie', { cookie: 'visitor' }, (key: string) => ({ cookie: `theme=dark; visitor=${key}; visitor=other` })],
    ['a header', { header: 'X-Tenant' }, (key: string) => ({ 'x-tenant': key })],
    ['another claim', { claim: 'tenant' }, (key: string) => as('same', { tenant: key }).headers],
  ])('%s', async (_name, key, headersFor) => {
    await using other = await startEdgeUnderTest({ route: { key, initialWeight: 50 } });
    for (let index = 0; index < 20; index++) {
      const answer = await other.get('/fitness/wod', { headers: headersFor(`key-${index}`) as Record<string, string> });
      expect(answer.headers['x-served-by']).toBe(side(`key-${index}`));
    }
  });
});

describe('X-Edge-Prefer', () => {
  const prefer = async (side: string, authorization: string) => {
    const answer = await edge.get('/fitness/wod', { headers: { authorization, 'x-edge-prefer': side } });
    return answer.headers['x-served-by'];
  };
  const bearer = (claims: Record<string, unknown>) => `Bearer ${edge.tokens.issue(claims)}`;

  test('a tester chooses a side, at weight 0 too', async () => {
    const tester = bearer({ sub: 'tester-1', roles: ['tester'] });
    expect(await prefer('coach', tester)).toBe('coach');
    await edge.setWeight(100);
    expect(await prefer('legacy', tester)).toBe('legacy');
  });

  test('nobody else does, and a side that does not exist is none', async () => {
    const forged = bearer({ roles: ['tester'] }).replace(/\.[^.]+$/, '.AAAA');
    expect(await prefer('coach', bearer({}))).toBe('legacy');
    expect(await prefer('coach', forged)).toBe('legacy');
    expect(await prefer('coach', bearer({ roles: ['tester'], exp: 1 }))).toBe('legacy');
    expect(await prefer('nowhere', bearer({ roles: ['tester'] }))).toBe('legacy');
    expect(await prefer('coach', 'Basic eA==')).toBe('legacy');
  });
});

test('what the edge did is in its metrics, by closed sets of labels', async () => {
  await edge.setWeight(100);
  await servedBy('user-1');
  const metrics = await (await fetch(`${edge.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(
    /edge_request_duration_seconds_count\{[^}]*route="wod",side="new",method="GET",status="200"[^}]*\} \d/,
  );
  expect(metrics).toMatch(/edge_assignments_total\{route="wod",side="old",by="preference"[^}]*\} \d/);
  expect(metrics).toMatch(/edge_route_weight_ratio\{[^}]*route="wod"[^}]*\} 1\b/);
});
