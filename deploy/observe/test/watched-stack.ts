import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { freePort } from '@fit/test-kit/free-port';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour } from '@fit/test-kit/recorder';
import { RedisServer } from '../../../edge-proxy/src/adapters/test/redis-server.ts';
import { WholeEdge } from '../../../edge-proxy/test/control/whole-edge.ts';
import { startPrometheus } from './prometheus-server.ts';
import type { PrometheusServer } from './prometheus-server.ts';
import { writeTimeLapse } from './time-lapse.ts';

const COACH = fileURLToPath(new URL('../../../coach-service/src/main.ts', import.meta.url));
/** Shipped are 10 s between two looks. */
const FACTOR = 20;
const PAUSE_MS = 30;
/** One of the new side, to whom the coach answers 401, and one of the old side. Their hashes lie at 4 and at 67 % of the route. */
const PEOPLE = ['ada', 'dan'];

export type Coach = { start: () => Promise<void>; kill: () => Promise<void> };

/**
 * An edge on a Redis with half of all people on the new side, a coach, a server in the place of the monolith, two people
 * who ask for workouts all the time, and a Prometheus that watches them.
 */
export type WatchedStack = AsyncDisposable & { prometheus: PrometheusServer; redis: RedisServer; coach: Coach };

export async function startWatchedStack(): Promise<WatchedStack> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const legacy = started.use(await startRecorder(answerAsMonolith));
  const coachPort = await freePort();
  const coach = coachAt(coachPort, legacy.url);
  started.defer(() => coach.kill());
  const redis = await RedisServer.start();
  started.defer(() => redis.stop());
  const edge = edgeIn(folder, { legacy: legacy.url, coach: `http://127.0.0.1:${coachPort}`, redis: redis.url });
  started.defer(() => edge.kill());
  await Promise.all([coach.start(), edge.start()]);
  started.use(traffic(edge.url));
  const targets = {
    'edge-proxy': [new URL(edge.adminUrl).host],
    'coach-service': [`127.0.0.1:${coachPort}`],
    'legacy-monolith': [new URL(legacy.url).host],
  };
  const configFile = writeTimeLapse({ folder, targets, factor: FACTOR });
  const kept = join(folder, 'kept');
  const prometheus = started.use(await startPrometheus({ configFile, folder: kept, lookback: '15s' }));
  const moved = started.move();
  return { prometheus, redis, coach, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** It publishes no metrics of its own, but can be asked for them. */
const answerAsMonolith: Behaviour = ({ url }, res) => {
  if (url === '/metrics') res.setHeader('content-type', 'text/plain; version=0.0.4').end();
  else sendJson(res, { by: 'legacy' });
};

function edgeIn(folder: string, at: { legacy: string; coach: string; redis: string }): WholeEdge {
  const routeFile = join(folder, 'edge.json');
  const upstreams = { legacy: { url: at.legacy }, coach: { url: at.coach } };
  const route = { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 50 };
  writeFileSync(routeFile, JSON.stringify({ upstreams, defaultUpstream: 'legacy', routes: [route] }));
  const tokenFile = join(folder, 'admin-token');
  ensureAdminToken(tokenFile);
  return new WholeEdge({ id: 'edge-1', dataDir: join(folder, 'edge'), routeFile, tokenFile, redisUrl: at.redis });
}

/** Started again it has the same port. */
function coachAt(port: number, legacyUrl: string): Coach {
  let end = () => Promise.resolve();
  const env = { PATH: process.env['PATH'], PORT: String(port), LEGACY_URL: legacyUrl, LOG_LEVEL: 'error' };
  return {
    start: async () => {
      const child = spawn(process.execPath, [COACH], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const closed = once(child, 'close');
      end = async () => {
        child.kill('SIGKILL');
        await closed;
      };
      while ((await statusOf(`http://127.0.0.1:${port}/health`)) === 0) {
        if (child.exitCode !== null) throw new Error(`the coach ended with ${child.exitCode}`);
        await delay(20);
      }
    },
    kill: () => end(),
  };
}

/** Asks with tokens that nobody signed: what is answered does not matter, but that it is. */
function traffic(url: string): AsyncDisposable {
  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      for (const person of PEOPLE) await statusOf(`${url}/fitness/wod`, { authorization: tokenOf(person) });
      await delay(PAUSE_MS);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await asking;
    },
  };
}

function tokenOf(person: string): string {
  return `Bearer e30.${Buffer.from(JSON.stringify({ sub: person })).toString('base64url')}.unsigned`;
}

/** 0 if there is no answer. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  return await fetch(url, { headers }).then(
    async ({ status, body }) => {
      await body?.cancel();
      return status;
    },
    () => 0,
  );
}
