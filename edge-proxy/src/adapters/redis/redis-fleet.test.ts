import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createLogger } from '@fit/service-kit/logger';
import { describeWith } from '@fit/test-kit/components';
import type { RouteStore } from '../../control-plane/route-store.ts';
import { revision } from '../../domain/weight.ts';
import { fleetCountsContract } from '../fleet-counts.contract.ts';
import { encodeEntry } from '../route-entry.ts';
import { leaderContract, sharedLeaderContract } from '../leader.contract.ts';
import { redis, RedisServer } from '../test/redis-server.ts';
import { PLAN, fullState, stateAt, verdictsOf } from '../test/sample-state.ts';
import { WRITE_ROUTE } from './redis-scripts.ts';
import { openRedisStore } from './redis-store.ts';

/** What a fleet has in Redis besides its states: who leads it, and what its edges counted. */
await describeWith(redis, 'a real Redis of a fleet', () => {
  let server: RedisServer;
  let prefix: string;
  let logged: string[];
  const opened: RouteStore[] = [];

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(() => {
    prefix = `test-${randomUUID()}`;
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(line) });
  const open = async () => {
    const store = await openRedisStore({ url: server.url, prefix, logger });
    opened.push(store);
    return store;
  };
  const key = (name: string) => `{${prefix}}:${name}`;
  const asideOf = async (name: string) => ((await server.command('KEYS', `${key(name)}:damaged:*`)) as string[])[0]!;
  const said = (text: string) => logged.filter((line) => line.includes(text)).map((line) => JSON.parse(line));

  leaderContract('RedisStore', open);
  sharedLeaderContract('RedisStore', async () => [await open(), await open()]);
  fleetCountsContract('RedisStore', async () => {
    const store = await open();
    return { counts: store.counts, close: () => store.close() };
  });

  describe('the token of a leader', () => {
    test.each([
      ['is lost', ['DEL']],
      ['is an old one', ['SET', '7']],
      ['is no number', ['SET', 'hello']],
      ['is too large a number', ['SET', '9999999999999999']],
      ['is far too long', ['SET', '9'.repeat(1_000_000)]],
      ['is another kind of key', ['RPUSH', '7']],
    ])('that %s in Redis is given to nobody again', async (_, [command, ...values]) => {
      const [one, other] = [await open(), await open()];
      const first = (await one.lead('a', 60_000))!;
      await server.command('DEL', key('leader'), key('leader-token'));
      await server.command(command!, key('leader-token'), ...values);
      expect(await one.append(stateAt({ revision: 1 }), revision(0), first)).toEqual({ kind: 'deposed' });
      const second = (await other.lead('b', 60_000))!;
      expect(second).toBeGreaterThan(first);
      expect(second).toBeLessThan(Number.MAX_SAFE_INTEGER);
      expect(await other.lead('b', 60_000)).toBe(second);
      expect(await one.append(stateAt({ revision: 1 }), revision(0), first)).toEqual({ kind: 'deposed' });
      expect(await other.append(stateAt({ revision: 1 }), revision(0), second)).toEqual({ kind: 'written' });
    });

    test('is compared in the same step in which the state is written', async () => {
      const store = await open();
      const token = (await store.lead('a', 60_000))!;
      const keys = ['routes', 'audit', 'id', 'leader-token'].map(key);
      const write = async (fence: number) => {
        const args = ['wod', '', encodeEntry(stateAt({ revision: 1 })), key('changes'), '', String(fence)];
        return await server.command('EVAL', WRITE_ROUTE, '4', ...keys, ...args);
      };
      expect(await write(token - 1)).toEqual([0]);
      expect((await store.load()).states.size).toBe(0);
      expect(await write(token)).toEqual([1]);
      expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
    });

    test('grows where the clock of Redis was set back', async () => {
      const store = await open();
      const ahead = 8_000_000_000_000_000;
      await server.command('SET', key('leader-token'), String(ahead));
      expect(await store.lead('a', 60_000)).toBe(ahead + 1);
    });
  });

  test.each([
    ['that never ends', ['SET', 'b']],
    ['that ends in an hour', ['SET', 'b', 'PX', '3600000']],
    ['of somebody with far too long a name', ['SET', 'b'.repeat(100_000), 'PX', '60000']],
    ['that is another kind of key', ['RPUSH', 'b']],
  ])('a lease %s keeps nobody from leading', async (_, [command, ...values]) => {
    const store = await open();
    await server.command(command!, key('leader'), ...values);
    await store.resign('a');
    const token = await store.lead('a', 60_000);
    expect(token).toEqual(expect.any(Number));
    expect(await store.lead('a', 60_000)).toBe(token);
  });

  test('another kind of key in the place of lease or token is moved aside and said', async () => {
    const store = await open();
    await server.command('RPUSH', key('leader'), 'x');
    await server.command('RPUSH', key('leader-token'), 'y');
    await store.lead('a', 60_000);
    const [leader, token] = [await asideOf('leader'), await asideOf('leader-token')];
    expect(await server.command('LRANGE', leader, '0', '-1')).toEqual(['x']);
    expect(await server.command('LRANGE', token, '0', '-1')).toEqual(['y']);
    expect(said('moved').map(({ movedTo }) => movedTo)).toEqual([leader, token]);
  });

  describe('counts', () => {
    const wod = { topic: 'evidence:wod', epoch: 3 };
    const name = () => key('counts:evidence:wod');

    test('that nobody adds to are forgotten after 45 days, facts never', async () => {
      const { counts } = await open();
      await counts.put(wod, { incarnation: 'a', value: 1 });
      await counts.raise('wod', { drilledAt: 1 });
      const dayMs = 86_400_000;
      expect((await server.command('PTTL', name())) as number).toBeGreaterThan(44.9 * dayMs);
      await server.command('PEXPIRE', name(), '1000000');
      await counts.put(wod, { incarnation: 'b', value: 1 });
      expect((await server.command('PTTL', name())) as number).toBeGreaterThan(44.9 * dayMs);
      expect(await server.command('PTTL', key('facts:wod'))).toBe(-1);
    });

    test('that cannot be read are passed over, and said once; the others count', async () => {
      const { counts } = await open();
      await counts.put(wod, { incarnation: 'a', value: 1 });
      const long = 'x'.repeat(1_048_577);
      for (const [field, value] of [
        ['of:b', 'hello'],
        ['of:c', Buffer.from([0xff, 0x00])],
        ['of:d', long],
        [`of:${long}`, '1'],
        ['other', '1'],
      ] as const) {
        await server.command('HSET', name(), field, value);
      }
      expect(await counts.all(wod)).toEqual([{ incarnation: 'a', value: 1 }]);
      expect(said('counts in Redis')).toMatchObject([{ level: 'warn', topic: 'evidence:wod' }]);
    });

    test.each(['hello', '-1', '', '99999999999999999999', 'x'.repeat(100_000)])(
      'whose epoch is %.30j give way to the next ones',
      async (epoch) => {
        const { counts } = await open();
        await counts.put(wod, { incarnation: 'a', value: 1 });
        await server.command('HSET', name(), 'epoch', epoch);
        expect(await counts.all(wod)).toEqual([]);
        await counts.put(wod, { incarnation: 'b', value: 2 });
        expect(await counts.all(wod)).toEqual([{ incarnation: 'b', value: 2 }]);
      },
    );

    test('another kind of key in their place, or in that of facts, is moved aside', async () => {
      const { counts } = await open();
      await server.command('SET', name(), 'x');
      await server.command('SET', key('facts:wod'), 'y');
      expect([await counts.all(wod), await counts.facts('wod')]).toEqual([[], {}]);
      await counts.put(wod, { incarnation: 'a', value: 1 });
      await counts.raise('wod', { drilledAt: 1 });
      expect([await counts.all(wod), await counts.facts('wod')]).toEqual([
        [{ incarnation: 'a', value: 1 }],
        { drilledAt: 1 },
      ]);
      expect(await server.command('GET', await asideOf('counts:evidence:wod'))).toBe('x');
      expect(await server.command('GET', await asideOf('facts:wod'))).toBe('y');
    });

    test.each(['hello', '', '-5', '1.5', '1e3', '99999999999999999999'])(
      'facts that are %j are none, and give way to any',
      async (value) => {
        const { counts } = await open();
        await server.command('HSET', key('facts:wod'), 'drilledAt', value);
        expect(await counts.facts('wod')).toEqual({});
        await counts.raise('wod', { drilledAt: 0 });
        expect(await counts.facts('wod')).toEqual({ drilledAt: 0 });
      },
    );
  });

  describe('a state that is too long', () => {
    test('with ten gates is not: it stays far below the limit', async () => {
      const store = await open();
      await store.append({ ...fullState(1), verdicts: verdictsOf(10) }, revision(0));
      expect((await store.load()).states.get('wod')?.verdicts).toEqual(verdictsOf(10));
      expect((await server.command('HSTRLEN', key('routes'), 'wod')) as number).toBeLessThan(10_000);
    });

    test('is written without the words of its verdicts, and heard', async () => {
      const store = await open();
      const heard = Promise.withResolvers<unknown>();
      store.watch({ changed: heard.resolve, reachable: () => undefined });
      const verdicts = verdictsOf(2).map((verdict) => ({ ...verdict, sentence: 'x'.repeat(40_000) }));
      const rollback = { ...fullState(1, 'rolled-back'), verdicts };
      expect(await store.append(rollback, revision(0))).toEqual({ kind: 'written' });
      const kept = { ...rollback, verdicts: verdicts.map((verdict) => ({ ...verdict, sentence: '' })) };
      expect((await store.load()).states.get('wod')).toEqual(kept);
      expect(await heard.promise).toEqual(kept);
    });

    test('because of its plan cannot be written, and says so', async () => {
      const store = await open();
      const [gate] = PLAN.gates.custom;
      const custom = [{ ...gate!, total: 'x'.repeat(70_000) }];
      const ramp = { ...fullState(1).ramp!, plan: { ...PLAN, gates: { ...PLAN.gates, custom } } };
      expect(await store.append({ ...fullState(1), ramp }, revision(0))).toEqual({
        kind: 'unavailable',
        cause: new RangeError('The state of route wod needs more than 65536 bytes'),
        maybeWritten: false,
      });
      expect((await store.load()).states.size).toBe(0);
    });
  });
});
