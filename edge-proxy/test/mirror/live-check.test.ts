import { describe, expect, test } from '@jest/globals';
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

  test('are not checked after a fallback, or if they are no 200', async () => {
    const { edge, fresh, get } = await rig(checking(async () => []));
    edge.set(100, 0);
    fresh.behave(answering({}, 503));
    await get();
    fresh.behave(answering({}, 404));
    await get();
    fresh.behave(answering({ a: 1 }));
    await get();
    await until(() => edge.judged.length === 1);
    expect(edge.report().live.new.checked).toBe(1);
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
