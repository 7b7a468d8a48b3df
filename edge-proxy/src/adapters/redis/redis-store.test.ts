import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createLogger } from '@fit/service-kit/logger';
import { describeWith } from '@fit/test-kit/components';
import type { RouteStore } from '../../control-plane/route-store.ts';
import { initialState } from '../../domain/route-state.ts';
import { NOBODY, revision } from '../../domain/weight.ts';
import { encodeEntry } from '../route-entry.ts';
import { repair, routeStoreContract, sharedStoreContract } from '../route-store.contract.ts';
import { redis, RedisServer } from '../test/redis-server.ts';
import { reportOf } from '../test/sample-report.ts';
import { stateAt } from '../test/sample-state.ts';
import { openRedisStore } from './redis-store.ts';

await describeWith(redis, 'a real Redis', () => {
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
  const put = async (route: string, bytes: string | Buffer) =>
    await server.command('HSET', key('routes'), route, bytes);
  const entryOf = (step: number, route = 'wod') => encodeEntry(stateAt({ route, revision: step }));
  const said = (text: string) => logged.filter((line) => line.includes(text)).map((line) => JSON.parse(line));

  routeStoreContract('RedisStore', open);
  sharedStoreContract('RedisStore', async () => [await open(), await open()]);

  test('news of a change comes within 100 ms, as a rule far sooner', async () => {
    const [one, other] = [await open(), await open()];
    const delays: number[] = [];
    let heard = Promise.withResolvers<void>();
    other.watch({ changed: () => heard.resolve(), reachable: () => undefined });
    for (let step = 1; step <= 21; step++) {
      heard = Promise.withResolvers<void>();
      const start = performance.now();
      await one.append(stateAt({ revision: step }), revision(step - 1));
      await heard.promise;
      delays.push(performance.now() - start);
    }
    expect(delays.toSorted((a, b) => a - b)[10]).toBeLessThan(100);
  });

  describe('garbage in the place of a state', () => {
    const sealedGarbage = entryOf(1).replace('"wod"', '"w0d"');
    test.each<[string, string | Buffer, string]>([
      ['text', 'hello', 'its checksum does not match'],
      ['nothing', '', 'its checksum does not match'],
      ['bytes that are no text', Buffer.from([0xff, 0x00, 0xfe, 0x0a]), 'its checksum does not match'],
      ['a changed entry', sealedGarbage, 'its checksum does not match'],
      ['an entry of another route', entryOf(1, 'plan'), 'it is the state of route plan'],
      ['far too much', 'x'.repeat(1_000_000), 'it is longer than 65536 bytes'],
      [
        'a well-made entry that is too long',
        encodeEntry(stateAt({ revision: 1, reason: 'x'.repeat(65_536) })),
        'it is longer than 65536 bytes',
      ],
    ])('%s is reported, takes no change and is put right', async (_, bytes, why) => {
      const store = await open();
      await store.append(stateAt({ route: 'plan', revision: 1 }), revision(0));
      await put('wod', bytes);
      const plan = stateAt({ route: 'plan', revision: 1 });
      expect(await store.load()).toMatchObject({ states: new Map([['plan', plan]]), damaged: new Map([['wod', why]]) });
      for (const step of [1, 2]) {
        const refused = await store.append(stateAt({ revision: step }), revision(step - 1));
        expect(refused).toEqual({ kind: 'conflict', current: undefined });
      }
      expect(await repair(store, stateAt({ revision: 4 }))).toEqual({ kind: 'written' });
      expect((await store.load()).damaged.size).toBe(0);
      expect((await store.history({ limit: 1 })).entries).toEqual([stateAt({ revision: 4 })]);
    });
  });

  test('garbage in the place of a route that nobody changed is moved aside, and then there is nothing', async () => {
    const store = await open();
    await put('wod', 'hello');
    const unchanged = initialState('wod', NOBODY, new Date());
    expect(await repair(store, unchanged)).toEqual({ kind: 'written' });
    expect(await store.load()).toMatchObject({ states: new Map(), damaged: new Map() });
    const [aside] = (await server.command('KEYS', `${key('routes')}:damaged:*`)) as string[];
    expect(await server.command('HGET', aside!, 'wod')).toBe('hello');
    expect(said('moved')).toMatchObject([{ level: 'error', movedTo: aside }]);
    expect(await repair(store, unchanged)).toEqual({ kind: 'conflict', current: undefined });
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
  });

  test.each([
    ['text', ['SET', 'hello']],
    ['another kind of key', ['RPUSH', 'hello']],
  ])('garbage in the place of its id (%s) gives way to the one that is known', async (_, [command, value]) => {
    const store = await open();
    const { id } = await store.load();
    await server.command('DEL', key('id'));
    await server.command(command!, key('id'), value!);
    expect((await store.load(id)).id).toBe(id);
    expect((await (await open()).load()).id).toBe(id);
  });

  test.each([
    ['SET', 'a string', ['SET', 'hello']],
    ['RPUSH', 'a list', ['RPUSH', 'hello']],
  ])(
    'another kind of key in the place of the states (%s) damages them all, and is moved aside by what is put back',
    async (_, __, [command, value]) => {
      await server.command(command!, key('routes'), value!);
      const store = await open();
      const { states, damaged } = await store.load();
      expect(states.size).toBe(0);
      expect([damaged.size, damaged.has('wod'), damaged.has('plan')]).toEqual([1, true, true]);
      expect(damaged.get('wod')).toContain('not a hash');
      expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({
        kind: 'conflict',
        current: undefined,
      });
      expect(await server.command('EXISTS', key('routes'))).toBe(1);

      expect(await repair(store, stateAt({ revision: 3 }))).toEqual({ kind: 'written' });
      expect(await store.load()).toMatchObject({
        states: new Map([['wod', stateAt({ revision: 3 })]]),
        damaged: new Map(),
      });
      const [aside] = (await server.command('KEYS', `${key('routes')}:damaged:*`)) as string[];
      expect(await server.command('EXISTS', aside!)).toBe(1);
      expect(said('moved')).toMatchObject([{ level: 'error', movedTo: aside }]);
    },
  );

  test('another kind of key in the place of the audit is moved aside by the next change', async () => {
    const store = await open();
    await server.command('SET', key('audit'), 'hello');
    expect(await store.history({ limit: 5 })).toEqual({ entries: [], next: undefined });
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
    expect((await store.history({ limit: 5 })).entries).toHaveLength(1);
    const [aside] = (await server.command('KEYS', `${key('audit')}:damaged:*`)) as string[];
    expect(await server.command('GET', aside!)).toBe('hello');
  });

  test('another kind of key in the place of the replicas is moved aside by the next report', async () => {
    const store = await open();
    await server.command('SET', key('replicas'), 'hello');
    expect(await store.replicas()).toEqual([]);
    await store.report(reportOf({ incarnation: 'a' }));
    expect(await store.replicas()).toHaveLength(1);
  });

  test('garbage in the audit is passed over, and said once', async () => {
    const store = await open();
    await store.append(stateAt({ revision: 1 }), revision(0));
    for (const fields of [
      ['entry', 'hello'],
      ['other', 'x'],
      ['entry', entryOf(1).replace('1', '2')],
    ]) {
      await server.command('XADD', key('audit'), '*', ...fields);
    }
    await store.append(stateAt({ revision: 2 }), revision(1));
    const page = await store.history({ limit: 1 });
    const rest = await store.history({ limit: 1, before: page.next });
    expect([page, rest].map(({ entries }) => entries.map((state) => state.revision))).toEqual([[2], [1]]);
    expect(rest.next).toBeUndefined();
    expect(said('entry of the audit')).toMatchObject([{ level: 'warn', count: 1 }]);
  });

  test('an audit whose ids are used up is moved aside by the next change', async () => {
    const store = await open();
    await server.command('XADD', key('audit'), '18446744073709551615-18446744073709551615', 'x', 'y');
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
    expect((await store.history({ limit: 5 })).entries).toEqual([stateAt({ revision: 1 })]);
    const [aside] = (await server.command('KEYS', `${key('audit')}:damaged:*`)) as string[];
    expect(await server.command('XLEN', aside!)).toBe(1);
  });

  test('what is far too long does not get to the edge, wherever it is', async () => {
    const store = await open();
    await store.append(stateAt({ revision: 1 }), revision(0));
    await store.report(reportOf({ incarnation: 'a' }));
    const [huge, sum] = ["string.rep('x', 5e6)", 'total_net_output_bytes'];
    const fill = (command: string) => server.command('EVAL', `redis.call(${command})`, '3', ...names);
    const names = ['audit', 'replicas', 'routes'].map(key);
    await fill(`'XADD', KEYS[1], '*', 'entry', ${huge}`);
    await fill(`'HSET', KEYS[2], 'b', ${huge}`);
    await fill(`'HSET', KEYS[2], ${huge}, 'c'`);
    await fill(`'HSET', KEYS[3], ${huge}, 'd'`);
    await fill(`'HSET', KEYS[3], 'plan', ${huge}`);
    await fill(`'HSET', KEYS[3], 'cart', ${huge}`);
    const sent = async () =>
      Number(new RegExp(`${sum}:(\\d+)`).exec(String(await server.command('INFO', 'stats')))![1]);
    const before = await sent();
    expect((await store.history({ limit: 5 })).entries).toEqual([stateAt({ revision: 1 })]);
    expect((await store.replicas()).map(({ incarnation }) => incarnation)).toEqual(['a']);
    expect(await store.load()).toMatchObject({ states: new Map([['wod', stateAt({ revision: 1 })]]) });
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'written' });
    expect(await repair(store, stateAt({ route: 'plan', revision: 3 }))).toEqual({ kind: 'written' });
    expect(await repair(store, initialState('cart', NOBODY, new Date()))).toEqual({ kind: 'written' });
    expect((await store.load()).damaged.size).toBe(0);
    expect((await sent()) - before).toBeLessThan(1_000_000);
    expect(await server.command('HKEYS', key('replicas'))).toEqual(['a']);
  });

  test('messages that are no changes are ignored, and said once', async () => {
    const store = await open();
    const heard = Promise.withResolvers<unknown>();
    store.watch({ changed: heard.resolve, reachable: () => undefined });
    for (const message of ['hello', '', '{}', Buffer.from([0xff]), 'x'.repeat(100_000)]) {
      await server.command('PUBLISH', key('changes'), message);
    }
    await server.command('PUBLISH', key('changes'), entryOf(5));
    expect(await heard.promise).toEqual(stateAt({ revision: 5 }));
    expect(said('no change of a route')).toMatchObject([{ level: 'warn' }]);
  });

  test('reports that cannot be read are taken off the list', async () => {
    const store = await open();
    await store.report(reportOf({ incarnation: 'a' }));
    const now = String(Date.now());
    for (const [field, value] of [
      ['b', 'hello'],
      ['c', `${now} {}`],
      ['d', `${now} ${JSON.stringify(reportOf({ incarnation: 'e' }))}`],
    ]) {
      await server.command('HSET', key('replicas'), field!, value!);
    }
    expect((await store.replicas()).map(({ incarnation }) => incarnation)).toEqual(['a']);
    expect(await server.command('HKEYS', key('replicas'))).toEqual(['a']);
  });

  test('a replica that was started again takes the place of the one that crashed', async () => {
    const store = await open();
    const crashed = `${Date.now() - 3500} ${JSON.stringify(reportOf({ incarnation: 'crashed' }))}`;
    await server.command('HSET', key('replicas'), 'crashed', crashed);
    expect((await store.replicas()).map(({ incarnation }) => incarnation)).toEqual(['crashed']);
    await store.report(reportOf({ incarnation: 'again' }));
    expect((await store.replicas()).map(({ incarnation }) => incarnation)).toEqual(['again']);
    expect(await server.command('HKEYS', key('replicas'))).toEqual(['again']);
  });

  test('edges on another database of the same Redis are none of ours', async () => {
    const [one, same] = [await open(), await open()];
    const elsewhere = await openRedisStore({ url: `${server.url}/1`, prefix, logger });
    opened.push(elsewhere);
    const heard = Promise.withResolvers<string>();
    const listen = (store: RouteStore, name: string) =>
      store.watch({ changed: ({ reason }) => heard.resolve(`${name} heard ${reason}`), reachable: () => undefined });
    listen(same, 'same');
    listen(elsewhere, 'elsewhere');
    await elsewhere.load();
    await one.append(stateAt({ revision: 1, reason: 'ours' }), revision(0));
    expect(await heard.promise).toBe('same heard ours');
    expect((await elsewhere.load()).states.size).toBe(0);
    const own = Promise.withResolvers<string>();
    elsewhere.watch({ changed: ({ reason }) => own.resolve(reason), reachable: () => undefined });
    await elsewhere.append(stateAt({ revision: 1, reason: 'theirs' }), revision(0));
    expect(await own.promise).toBe('theirs');
  });

  test('the audit holds at least 100,000 changes', async () => {
    const store = await open();
    const fill = "for step = 1, 102000 do redis.call('XADD', KEYS[1], '*', 'entry', 'x') end";
    await server.command('EVAL', fill, '1', key('audit'));
    await store.append(stateAt({ revision: 1 }), revision(0));
    const length = (await server.command('XLEN', key('audit'))) as number;
    expect(length).toBeGreaterThanOrEqual(100_000);
    expect(length).toBeLessThan(101_000);
    // Looking for a route through all of that ends early, and says where to go on.
    const page = await store.history({ route: 'plan', limit: 5 });
    expect(page.entries).toEqual([]);
    expect(page.next).toMatch(/^\d+-\d+$/);
  });
});

test.each([
  'http://127.0.0.1:1',
  'secret',
  'redis://:secret@localhost/x',
  'redis://:secret%zz@localhost',
  'redis://:secret@localhost/1/2',
  'redis//:secret@localhost',
])('%j is no address of Redis', async (url) => {
  const refusal = openRedisStore({ url, prefix: 'x', logger: createLogger('edge-proxy', 'silent') });
  await expect(refusal).rejects.toThrow(RangeError);
  await expect(refusal).rejects.not.toThrow('secret');
});
