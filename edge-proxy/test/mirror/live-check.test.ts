import { describe, expect, test } from '@jest/globals';
import type { Behaviour } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import type { Comparator } from '../../src/parity/comparator.ts';
import { answering, rig, until } from './mirror-rig.ts';

describe('live answers', () => {
  const checking = (check: Comparator['check']) => ({
    route: { compare: { checkPercent: 100 } },
    comparators: new Map([['wod', { compare: () => [], check: check! }]]),
  });

  test('are checked at either side, and the gate is told', async () => {
    const { edge, fresh, get } = await rig(
      checking(async ({ body }) => ((body as { a: number }).a === 1 ? [] : [{ rule: 'a is 1', found: 'else' }])),
    );
    fresh.behave(answering({ a: 2 }));
    edge.set(100, 0);
    await get();
    await until(() => edge.judged.length === 1);
    expect(edge.report().live).toEqual({
      old: { checked: 0, broken: 0, rules: {} },
      new: { checked: 1, broken: 1, rules: { 'a is 1': 1 } },
    });
    expect(edge.judged[0]).toMatchObject({ isBroken: true });
    fresh.behave(answering({ a: 1 }));
    await get();
    await until(() => edge.judged.length === 2);
    expect(edge.judged[1]).toMatchObject({ isBroken: false });
    expect(edge.report().live.new).toMatchObject({ checked: 2, broken: 1 });
  });

  test('are not checked after a fallback, for a HEAD, or if they are 400 or above', async () => {
    const { edge, fresh, get } = await rig(checking(async () => []));
    edge.set(100, 0);
    fresh.behave(answering({}, 503));
    await get();
    fresh.behave(answering({}, 404));
    await get();
    fresh.behave(answering({ a: 1 }));
    await get({ method: 'HEAD' });
    await get({ method: 'OPTIONS' });
    await get();
    await until(() => edge.judged.length === 1);
    expect(edge.report().live.new.checked).toBe(1);
  });

  test.each<[what: string, answer: Behaviour, seen: unknown[]]>([
    ['204', (_request, res) => void res.writeHead(204).end(), [[204, undefined]]],
    ['206', answering({ a: 1 }, 206), [[206, { a: 1 }]]],
    ['302', (_request, res) => void res.writeHead(302, { location: '/' }).end(), [[302, undefined]]],
    ['more than is kept', (_request, res) => void res.end(Buffer.alloc(3_000_000, 'x')), []],
    ['a strange coding', (_request, res) => void res.writeHead(200, { 'content-encoding': 'x' }).end('x'), []],
  ])('of %s are looked at as well', async (_what, answer, expected) => {
    const seen: unknown[] = [];
    const { edge, fresh, get } = await rig(
      checking(async ({ status, body }) => {
        seen.push([status, body]);
        return status === 200 ? [] : [{ rule: 'status 200', found: String(status) }];
      }),
    );
    fresh.behave(answer);
    edge.set(100, 0);
    await get();
    await until(() => edge.report().live.new.checked === 1);
    const rule = expected.length === 0 ? 'readable' : 'status 200';
    expect(edge.report().live.new).toEqual({ checked: 1, broken: 1, rules: { [rule]: 1 } });
    expect(seen).toEqual(expected);
    // What nobody could read is shown, and the gate is not told of it.
    expect(edge.judged.map(({ isBroken }) => isBroken)).toEqual(expected.map(() => true));
  });

  test('that few get are checked although a flood is refused', async () => {
    const { edge, fresh, get } = await rig({ ...checking(async () => []), route: { compare: { checkPercent: 0.01 } } });
    edge.set(100, 0);
    fresh.behave(answering({}, 401));
    for (let at = 0; at < 20; at++) await get();
    fresh.behave(answering({ a: 1 }));
    await get();
    await until(() => edge.judged.length === 1);
  });

  test.each([
    [{ check: async () => [] }, 10, true],
    [{ check: async () => [] }, 0, false],
    [{}, 10, false],
  ])('are checked by a comparator of %p at %d %%: %p', async (rules, checkPercent, expected) => {
    const comparators = new Map([['wod', { compare: () => [], ...rules }]]);
    const { edge } = await rig({ comparators, route: { compare: { checkPercent } } });
    expect(edge.parity.checksContent('wod')).toBe(expected);
    expect(edge.parity.checksContent('other')).toBe(false);
  });

  test('are checked with what the old side tells their caller', async () => {
    const seen: unknown[] = [];
    const { edge, old, get } = await rig(
      checking(async (_answer, { claims, fetchFromOld }) => {
        seen.push(claims?.['zoneinfo'], await fetchFromOld('/fitness/history?date=2026-01-01'));
        return [];
      }),
    );
    const authorization = `Bearer ${createTokenIssuer().issue({ zoneinfo: 'Europe/Berlin' })}`;
    old.behave(answering({ ids: [1] }));
    edge.set(100, 0);
    await get({ headers: { authorization, 'if-none-match': '"x"' } });
    await until(() => edge.judged.length === 1);
    expect(seen).toEqual(['Europe/Berlin', { ids: [1] }]);
    const [asked] = old.requestsTo('/fitness/history');
    expect(asked!.headers).toMatchObject({ authorization, 'x-edge-mirror': '1' });
    expect(asked!.headers['if-none-match']).toBeUndefined();
  });

  test('without a token, or without an old side, nothing is fetched', async () => {
    const fetched: unknown[] = [];
    const { edge, old, get } = await rig(
      checking(async (_answer, { fetchFromOld }) => {
        fetched.push(await fetchFromOld('/x'));
        return [];
      }),
    );
    edge.set(100, 0);
    await get();
    await until(() => fetched.length === 1);
    await old.refuse();
    await get({ headers: { authorization: 'Bearer a.b.c' } });
    await until(() => fetched.length === 2);
    expect(fetched).toEqual([undefined, undefined]);
    expect(old.requests).toHaveLength(0);
  });

  test('a check that throws says nothing', async () => {
    const checks = [() => Promise.reject(new Error('out of order')), () => Promise.resolve([])];
    const { edge, get } = await rig(checking(() => checks.shift()!()));
    edge.set(100, 0);
    await get();
    await until(() => checks.length === 1);
    await get();
    await until(() => edge.judged.length === 1);
    expect(edge.report().live.new).toMatchObject({ checked: 1, broken: 0 });
  });
});
