import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { LoggedWorkout } from '@fit/contracts/history';
import { listen } from '@fit/service-kit/http-server';
import type { ListeningServer } from '@fit/service-kit/http-server';
import { createLogger } from '@fit/service-kit/logger';
import { createRequestRecorder } from '@fit/service-kit/request-record';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { afterEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { WebSocket } from 'ws';
import { LiveUpdates } from './live-updates.ts';
import { WorkoutFeed } from './workout-feed.ts';

const silent = createLogger('test', 'silent');
const issuer = createTokenIssuer();
const key = createPublicKey(issuer.publicKeyPem);
const largeWorkout: LoggedWorkout = {
  id: 1,
  performed_at: '2026-01-02T03:04:05.000Z',
  exercises: Array.from({ length: 50 }, () => ({ exercise_id: 1, sets: 1, reps: 1, weight: 1 })),
};

let live: LiveUpdates;
let server: ListeningServer;
let registry: Registry;
let announce: (userId: string) => void;

async function start(heartbeatMs: number): Promise<void> {
  const feed = new WorkoutFeed(silent);
  await feed.start((_channel, deliver) => {
    announce = (user_id) => deliver(JSON.stringify({ user_id, workout: largeWorkout }));
    return Promise.resolve(() => Promise.resolve());
  });
  const keys = { find: () => Promise.resolve({ kind: 'known' as const, key }) };
  registry = new Registry();
  live = new LiveUpdates({
    service: 'test',
    keys,
    feed,
    logger: silent,
    registry,
    record: createRequestRecorder(registry, silent),
    now: () => new Date(),
    heartbeatMs,
  });
  server = await listen((_req, res) => res.end(), { host: '127.0.0.1', port: 0 });
  live.attach(server.server);
}
afterEach(async () => {
  await live.drain();
  await server.close();
});

async function connectAs(sub: string, options: { autoPong: boolean }): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/fitness/live`, {
    headers: { authorization: `Bearer ${issuer.issue({ sub })}` },
    ...options,
  });
  await once(socket, 'open');
  return socket;
}

const openConnections = async () => Number(/^fit_live_connections (\d+)$/m.exec(await registry.metrics())?.[1]);

test('who does not answer a ping is cut off by the next one; who answers stays', async () => {
  // Long enough for an answer on a machine that is busy.
  await start(400);
  const alive = await connectAs('alive', { autoPong: true });
  const dead = await connectAs('dead', { autoPong: false });
  const [code] = (await once(dead, 'close')) as [number];
  expect(code).toBe(1006);
  await once(alive, 'ping');
  await once(alive, 'ping');
  expect(alive.readyState).toBe(WebSocket.OPEN);
});

test('who does not read is cut off before its unread messages fill the memory; others do not notice', async () => {
  await start(600_000);
  const slow = await connectAs('slow', { autoPong: true });
  const quick = await connectAs('quick', { autoPong: true });
  slow.pause();
  const limitBytes = 64 * 1024 * 1024;
  let announcedBytes = 0;
  while ((await openConnections()) === 2 && announcedBytes < limitBytes) {
    announce('slow');
    await setImmediate();
    announcedBytes += JSON.stringify(largeWorkout).length;
  }
  expect(announcedBytes).toBeLessThan(limitBytes);
  const message = once(quick, 'message');
  announce('quick');
  expect(JSON.parse(String((await message)[0]))).toEqual(largeWorkout);
  slow.terminate();
});
