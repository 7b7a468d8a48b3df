import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { createLogger } from '@fit/service-kit/logger';
import { RedisServer, redis } from '../src/adapters/test/redis-server.ts';
import { openRedisStore } from '../src/adapters/redis/redis-store.ts';
import { MOST_USERS } from '../src/domain/evidence.ts';
import { routeFileText } from '../test/control/fleet.ts';
import { Operator } from '../test/control/operator.ts';
import { startSides } from '../test/control/two-sides.ts';
import { Users, usersOf } from '../test/control/users.ts';
import { evidence } from './bench-merge.ts';
import type { Found } from './measured.ts';
import { adminUrlOf, cpuMicros, startService } from './processes.ts';
import type { Started } from './processes.ts';

const EDGES = [1, 3, 6] as const;
const WATCH_SECONDS = 8;
const SETTLE_MS = 3000;
/** No multiple of the edges, so that each of them meets everybody in time. */
const PEOPLE = 4001;
const RATE = 600;
const LOAD_MS = 12_000;
const KEY = { topic: 'evidence@bench:wod', epoch: 1 };
const LOOKS = 20;

type Traffic = { commands: number; inBytes: number; outBytes: number; cpuMicros: number };

/** What real edges ask of a real Redis, and what a look at many edges' evidence costs it. */
export async function benchStore(folder: string, say: (text: string) => void): Promise<Found> {
  const finding = await redis.find();
  if (!finding.available) {
    say(`without Redis: ${finding.reason}`);
    return {};
  }
  const found: Record<string, number> = { ...(await benchLooks(say)) };
  for (const edges of EDGES) {
    const { rest, load, edgeMicros } = await benchEdges(edges, join(folder, `store-${edges}`), say);
    for (const [when, traffic] of [
      ['Rest', rest],
      ['Load', load],
    ] as const) {
      for (const [name, value] of Object.entries(traffic)) {
        found[`redis${capital(name)}${when}${edges}`] = value;
      }
    }
    found[`edgeRestMicros${edges}`] = edgeMicros;
  }
  return found;
}

/** Of one edge's look at the evidence of 10 and 100 edges, whose lists are full. */
async function benchLooks(say: (text: string) => void): Promise<Found> {
  const server = await RedisServer.start();
  const found: Record<string, number> = {};
  try {
    const store = await openRedisStore({ url: server.url, prefix: 'bench', logger: createLogger('bench', 'silent') });
    let there = 0;
    for (const edges of [10, 100]) {
      say(`Redis: a look at the evidence of ${edges} edges`);
      for (; there < edges; there++) {
        await store.counts.put(KEY, { incarnation: `edge-${there}`, value: evidence(there, MOST_USERS) });
      }
      const before = await trafficOf(server);
      for (let look = 0; look < LOOKS; look++) await store.counts.all(KEY);
      const after = await trafficOf(server);
      found[`redisLookMicrosOf${edges}`] = (after.cpuMicros - before.cpuMicros) / LOOKS;
      found[`redisLookBytesOf${edges}`] = (after.outBytes - before.outBytes) / LOOKS;
    }
    const before = await trafficOf(server);
    for (let put = 0; put < 10 * LOOKS; put++) {
      await store.counts.put(KEY, { incarnation: 'edge-0', value: evidence(0, MOST_USERS) });
    }
    found['redisPutMicros'] = ((await trafficOf(server)).cpuMicros - before.cpuMicros) / (10 * LOOKS);
    await store.close();
  } finally {
    await server.stop();
  }
  return found;
}

/** Per edge and second. */
async function benchEdges(edges: number, folder: string, say: (text: string) => void) {
  mkdirSync(folder);
  const server = await RedisServer.start();
  await using sides = await startSides();
  const started: Started[] = [];
  try {
    const routeFile = join(folder, 'edge.json');
    writeFileSync(routeFile, routeFileText(sides));
    const tokenFile = join(folder, 'admin-token');
    const operator = new Operator(ensureAdminToken(tokenFile));
    say(`${edges} edges on Redis, at rest`);
    for (let edge = 1; edge <= edges; edge++) {
      const env = {
        EDGE_ID: `edge-${edge}`,
        EDGE_CONFIG: routeFile,
        ADMIN_TOKEN_FILE: tokenFile,
        REDIS_URL: server.url,
      };
      started.push(await startService('edge-proxy', { folder, env: { ...env, JWKS_URL: 'http://127.0.0.1:9/' } }));
    }
    await delay(SETTLE_MS);
    const pids = started.map(({ pid }) => pid);
    const { micros, done: rest } = await cpuMicros(pids, () => watch(server, edges));
    await ramp(operator, { adminUrl: adminUrlOf(started[0]!) });
    say(`${edges} edges on Redis, a ramp, ${RATE} requests/s of ${PEOPLE} people`);
    await using users = new Users({ urls: started.map(({ url }) => url), users: usersOf(PEOPLE), connections: 16 });
    users.askSteadily(RATE);
    await delay(LOAD_MS);
    const load = await watch(server, edges);
    const edgeMicros = micros.reduce((sum, value) => sum + value, 0) / edges / WATCH_SECONDS;
    return { rest, load, edgeMicros };
  } finally {
    for (const edge of started) edge.stop();
    await server.stop();
  }
}

/** A ramp that stays at 50 %: edges tell each other twice a second whom they served. */
async function ramp(operator: Operator, edge: { adminUrl: string }): Promise<void> {
  const { revision } = await operator.route(edge);
  const body = { plan: { steps: '50 % manual, 100 %' }, reason: 'bench' };
  const { status, body: answer } = await operator.ask(edge, 'POST /routes/wod/ramp', { body, revision });
  if (status !== 200) throw new Error(`the ramp was refused (${status}): ${JSON.stringify(answer)}`);
}

async function watch(server: RedisServer, edges: number): Promise<Traffic> {
  const before = await trafficOf(server);
  await delay(WATCH_SECONDS * 1000);
  const after = await trafficOf(server);
  const each = (name: keyof Traffic) => (after[name] - before[name]) / WATCH_SECONDS / edges;
  return {
    commands: each('commands'),
    inBytes: each('inBytes'),
    outBytes: each('outBytes'),
    cpuMicros: each('cpuMicros'),
  };
}

async function trafficOf(server: RedisServer): Promise<Traffic> {
  const text = String(await server.command('INFO', 'everything'));
  const of = (name: string) => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    commands: of('total_commands_processed'),
    inBytes: of('total_net_input_bytes'),
    outBytes: of('total_net_output_bytes'),
    cpuMicros: (of('used_cpu_user') + of('used_cpu_sys')) * 1_000_000,
  };
}

function capital(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
