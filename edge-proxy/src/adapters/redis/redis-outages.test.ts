import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { createLogger } from '@fit/service-kit/logger';
import { describeWith } from '@fit/test-kit/components';
import type { RouteStore } from '../../control-plane/route-store.ts';
import { revision } from '../../domain/weight.ts';
import { redis, RedisServer } from '../test/redis-server.ts';
import { reportOf } from '../test/sample-report.ts';
import { stateAt } from '../test/sample-state.ts';
import { openRedisStore } from './redis-store.ts';
import type { RedisStoreOptions } from './redis-store.ts';

/** Real faults of a real Redis. A command may take `LIMIT_MS`, and what the store does with it a little more. */
const LIMIT_MS = 300;
const PROMPTLY_MS = LIMIT_MS + 700;
const BACK_WITHIN_MS = 5000;

await describeWith(redis, 'a Redis that fails', () => {
  let server: RedisServer;
  let logged: string[];
  const opened: RouteStore[] = [];

  beforeEach(() => {
    logged = [];
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await server.stop();
  });

  const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(line) });
  const open = async (options: Partial<RedisStoreOptions> = {}) => {
    const store = await openRedisStore({ url: server.url, prefix: 'test', logger, timeoutMs: LIMIT_MS, ...options });
    opened.push(store);
    return store;
  };
  const levels = () => logged.map((line) => (JSON.parse(line) as { level: string }).level);

  /** Waits until the store can be used. @returns milliseconds */
  const untilBack = async (store: RouteStore) => {
    const start = performance.now();
    for (;;) {
      if (
        await store.load().then(
          () => true,
          () => false,
        )
      )
        return performance.now() - start;
      if (performance.now() - start > BACK_WITHIN_MS) throw new Error(`not back within ${BACK_WITHIN_MS} ms`);
      await delay(20);
    }
  };
  const countReachable = (store: RouteStore) => {
    const count = { reachable: 0 };
    store.watch({ changed: () => undefined, reachable: () => count.reachable++ });
    return count;
  };
  const elapsedMs = async (work: Promise<unknown>) => {
    const start = performance.now();
    await work.catch(() => undefined);
    return performance.now() - start;
  };

  test('that was never there does not stop the start; the store is used once it is', async () => {
    server = await RedisServer.start();
    await server.kill();
    const store = await open();
    const count = countReachable(store);
    await expect(store.load()).rejects.toMatchObject({ code: 'redis-unreachable' });
    await expect(store.history({ limit: 1 })).rejects.toMatchObject({ code: 'redis-unreachable' });
    await expect(store.report(reportOf({ incarnation: 'a' }))).rejects.toMatchObject({ code: 'redis-unreachable' });
    await expect(store.lead('a', 5000)).rejects.toMatchObject({ code: 'redis-unreachable' });
    await store.resign('a');
    await expect(store.counts.facts('wod')).rejects.toMatchObject({ code: 'redis-unreachable' });
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toMatchObject({
      kind: 'unavailable',
      maybeWritten: false,
    });
    expect(await store.repair(stateAt({ revision: 1 }))).toMatchObject({ kind: 'unavailable' });
    await delay(500);

    await server.restart();
    expect(await untilBack(store)).toBeLessThan(BACK_WITHIN_MS);
    expect(count.reachable).toBeGreaterThan(0);
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
    while (logged.length < 2) await delay(10);
    expect(levels()).toEqual(['warn', 'info']);
  });

  test('that is stopped makes nothing hang, and is used again soon after it goes on', async () => {
    server = await RedisServer.start();
    const store = await open();
    await store.append(stateAt({ revision: 1 }), revision(0));
    const count = countReachable(store);
    server.pause();
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        const writing = store.append(stateAt({ revision: 2 }), revision(1));
        expect(await elapsedMs(writing)).toBeLessThan(PROMPTLY_MS);
        expect(await writing).toMatchObject({ kind: 'unavailable', cause: { code: 'redis-unreachable' } });
      }
      const others = [store.load(), store.lead('a', 5000), store.resign('a'), store.counts.facts('wod')];
      for (const each of others) expect(await elapsedMs(each)).toBeLessThan(PROMPTLY_MS);
      await delay(1500);
    } finally {
      server.resume();
    }
    expect(await untilBack(store)).toBeLessThan(BACK_WITHIN_MS);
    while (count.reachable < 1) await delay(10);
    // What was refused may have been carried out when it went on.
    expect([1, 2]).toContain((await store.load()).states.get('wod')!.revision);
  });

  test('to which all connections went dead without a word is heard again within 5 s', async () => {
    server = await RedisServer.start();
    const link = await startLink(server.port);
    const [near, far] = [await open(), await open({ url: link.url })];
    await near.append(stateAt({ revision: 1 }), revision(0));
    const heard: number[] = [];
    const back = Promise.withResolvers<void>();
    far.watch({ changed: ({ revision: each }) => heard.push(each), reachable: back.resolve });
    link.goDead();
    await near.append(stateAt({ revision: 2 }), revision(1));
    // Nobody asks the far one anything: it has to find out by itself.
    const start = performance.now();
    await back.promise;
    await untilBack(far);
    while (heard.at(-1) === undefined || (await far.load()).states.get('wod')!.revision !== heard.at(-1)) {
      const current = (await near.load()).states.get('wod')!.revision;
      await near.append(stateAt({ revision: current + 1 }), current);
      await delay(50);
    }
    expect(performance.now() - start).toBeLessThan(BACK_WITHIN_MS);
    expect(heard).not.toContain(2);
    await far.close();
    link.close();
  });

  test('whose confirmation is lost may have the change, and that is said', async () => {
    server = await RedisServer.start();
    const link = await startLink(server.port);
    const [near, far] = [await open(), await open({ url: link.url })];
    link.loseRepliesFrom('XADD');
    expect(await far.append(stateAt({ revision: 1 }), revision(0))).toMatchObject({
      kind: 'unavailable',
      maybeWritten: true,
    });
    expect((await near.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
    await far.close();
    link.close();
  });

  test('that is killed and comes back empty takes back what it lost', async () => {
    server = await RedisServer.start();
    const store = await open();
    await store.append(stateAt({ revision: 1 }), revision(0));
    for (let round = 1; round <= 3; round++) {
      await server.kill();
      expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({ kind: 'unavailable' });
      await server.restart();
      expect(await untilBack(store)).toBeLessThan(BACK_WITHIN_MS);
      expect((await store.load()).states.size).toBe(0);
      expect(await store.repair(stateAt({ revision: 1 }))).toEqual({ kind: 'written' });
    }
  });

  test('that has become a replica refuses writes, and is asked anew until one takes them', async () => {
    server = await RedisServer.start();
    const store = await open();
    await server.command('REPLICAOF', '127.0.0.1', '1');
    const refused = await store.append(stateAt({ revision: 1 }), revision(0));
    expect(refused).toMatchObject({ kind: 'unavailable', cause: { message: expect.stringContaining('READONLY') } });
    await server.command('REPLICAOF', 'NO', 'ONE');
    await untilBack(store);
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
  });

  test('that has no room refuses writes and keeps what it has', async () => {
    server = await RedisServer.start();
    const store = await open();
    await store.append(stateAt({ revision: 1 }), revision(0));
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({
      kind: 'unavailable',
      maybeWritten: false,
      cause: { message: expect.stringContaining('OOM') },
    });
    expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    expect((await store.history({ limit: 5 })).entries).toHaveLength(1);
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'written' });
  });

  test.each([
    ['running', async () => undefined],
    ['stopped', async () => server.pause()],
    ['gone', async () => await server.kill()],
  ])('is left promptly while it is %s', async (_, happen) => {
    server = await RedisServer.start();
    const store = await open();
    await store.report(reportOf({ incarnation: 'a' }));
    await happen();
    expect(await elapsedMs(store.close())).toBeLessThan(PROMPTLY_MS);
    server.resume();
  });

  test('that wants a password gets it; a wrong one is nowhere in log or errors', async () => {
    server = await RedisServer.start({ args: ['--requirepass', 'right-one'] });
    const withPassword = (password: string) => server.url.replace('//', `//:${password}@`);
    const store = await open({ url: withPassword('right-one') });
    expect(await store.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });

    const refused = await open({ url: withPassword('wrong-one') });
    const cause = await refused.load().catch((error: unknown) => error);
    expect((cause as Error).cause).toMatchObject({ message: expect.stringContaining('WRONGPASS') });
    expect([...logged, String(cause), JSON.stringify(cause)].filter((text) => /(right|wrong)-one/.test(text))).toEqual(
      [],
    );
    expect(logged).toHaveLength(1);
  });

  describe('behind TLS', () => {
    let folder: string;
    const close: (() => void)[] = [];

    afterEach(async () => {
      for (const each of close.splice(0)) each();
      await rm(folder, { recursive: true });
    });

    test('is used only if its certificate is trusted', async () => {
      server = await RedisServer.start();
      folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
      const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile, ...subject],
        { stdio: 'ignore' },
      );
      const [key, cert] = [await readFile(keyFile), await readFile(certFile, 'utf8')];
      const front = createTlsServer({ key, cert }, (socket) => passOn(socket, server.port)).listen(0, '127.0.0.1');
      front.on('tlsClientError', () => undefined);
      close.push(() => front.close());
      await once(front, 'listening');
      const url = `rediss://localhost:${(front.address() as AddressInfo).port}`;

      const trusting = await open({ url, ca: cert, timeoutMs: 10_000 });
      expect(await trusting.append(stateAt({ revision: 1 }), revision(0))).toEqual({ kind: 'written' });
      const strict = await open({ url, timeoutMs: 10_000 });
      await expect(strict.load()).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    });
  });

  test('that takes connections and says nothing at all is given up', async () => {
    server = await RedisServer.start();
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket.resume().on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(mute, 'listening');
    const url = `redis://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const opening = open({ url });
    expect(await elapsedMs(opening)).toBeLessThan(2 * LIMIT_MS + 700);
    expect(await elapsedMs((await opening).load())).toBeLessThan(100);
    // None of the connections that were given up stays open.
    while (sockets.length < 4) await delay(10);
    expect(sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(2);
    await (await opening).close();
    mute.close();
    await once(mute, 'close');
  });
});

function passOn(socket: Socket, port: number): Socket {
  const upstream = createConnection({ port, host: '127.0.0.1' });
  socket.on('error', () => upstream.destroy());
  upstream.on('error', () => socket.destroy());
  socket.pipe(upstream).pipe(socket);
  return upstream;
}

/** A way to Redis on which the connections that there are can go dead, without an end, while new ones work. */
async function startLink(port: number) {
  const sockets: Socket[] = [];
  let dead = 0;
  const server = createServer((socket) => void sockets.push(socket, passOn(socket, port))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** A connection that carries this text gets no replies from then on. */
    loseRepliesFrom: (text: string) => {
      for (const [index, near] of sockets.entries()) {
        near.on('data', (chunk: Buffer) => {
          if (chunk.includes(text)) sockets[index + 1]!.unpipe().pause();
        });
      }
    },
    goDead: () => {
      for (; dead < sockets.length; dead++) sockets[dead]!.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
