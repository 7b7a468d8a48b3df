import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { RedisServer } from '../../src/adapters/test/redis-server.ts';
import { Operator } from './operator.ts';
import { Relay } from './relay.ts';
import { startSides } from './two-sides.ts';
import type { Sides } from './two-sides.ts';
import { WholeEdge } from './whole-edge.ts';
import type { WholeEdgeOptions } from './whole-edge.ts';

export type Fleet = AsyncDisposable & {
  edges: readonly WholeEdge[];
  operator: Operator;
  sides: Sides;
  /** What all edges read at their start and at SIGHUP. */
  routeFile: string;
  /** Another edge, not started. */
  edge: (options: Partial<WholeEdgeOptions> & { id: string }) => WholeEdge;
};
export type RedisFleet = Fleet & {
  redis: RedisServer;
  /** Between the last edge and Redis. */
  relay: Relay;
};

export type FleetOptions = {
  /** Default: their own, in this process. */
  sides?: Sides;
};

/** Edges in processes of their own before two sides, `edge-1` and on, each with a file for a store. */
export async function startFleet(
  count: number,
  { sides, ...options }: FleetOptions & Partial<WholeEdgeOptions> = {},
): Promise<Fleet> {
  await using started = new AsyncDisposableStack();
  const fleet = await aPlaceForFleet(started, sides);
  const edges = await startEdges(
    started,
    Array.from({ length: count }, (_, at) => fleet.edge({ ...options, id: `edge-${at + 1}` })),
  );
  return { ...fleet, edges, ...disposing(started) };
}

/** The same on one Redis of their own, which the last of them reaches through a relay. */
export async function startRedisFleet(count: number, { sides }: FleetOptions = {}): Promise<RedisFleet> {
  await using started = new AsyncDisposableStack();
  const fleet = await aPlaceForFleet(started, sides);
  const redis = await RedisServer.start();
  started.defer(() => redis.stop());
  const relay = started.use(await Relay.to(redis.port));
  const portOf = (at: number) => (at === count - 1 ? relay.port : redis.port);
  const edges = await startEdges(
    started,
    Array.from({ length: count }, (_, at) =>
      fleet.edge({ id: `edge-${at + 1}`, redisUrl: `redis://127.0.0.1:${portOf(at)}` }),
    ),
  );
  return { ...fleet, redis, relay, edges, ...disposing(started) };
}

async function aPlaceForFleet(started: AsyncDisposableStack, given?: Sides) {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const sides = given ?? started.use(await startSides());
  const routeFile = join(folder, 'edge.json');
  await writeFile(routeFile, routeFileText(sides));
  const tokenFile = join(folder, 'admin-token');
  const operator = new Operator(ensureAdminToken(tokenFile));
  const edge: Fleet['edge'] = (options) =>
    new WholeEdge({ dataDir: join(folder, options.id), routeFile, tokenFile, ...options });
  return { operator, sides, routeFile, edge };
}

async function startEdges(started: AsyncDisposableStack, edges: readonly WholeEdge[]): Promise<readonly WholeEdge[]> {
  for (const edge of edges) started.defer(() => edge.kill());
  await Promise.all(edges.map((edge) => edge.start()));
  return edges;
}

function disposing(started: AsyncDisposableStack): AsyncDisposable {
  const moved = started.move();
  return { [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

/** Route `wod` at 20 %. On a busy machine an answer may take its time: it is no fault of a side then. */
export function routeFileText({ urls }: Sides, routes: readonly object[] = [], coach = urls.coach): string {
  const patient = { firstByteTimeoutMs: 10_000, connectTimeoutMs: 10_000 };
  return JSON.stringify({
    upstreams: {
      legacy: { url: urls.legacy, ...patient },
      coach: { url: coach, ...patient },
    },
    defaultUpstream: 'legacy',
    routes: [{ name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 20 }, ...routes],
  });
}

/** Looks again and again until something holds. @throws Error saying what was seen last, after `withinMs` */
export async function until<Seen>(
  look: () => Promise<Seen> | Seen,
  holds: (seen: Seen) => boolean,
  withinMs = 10_000,
): Promise<{ seen: Seen; tookMs: number }> {
  const startedAt = performance.now();
  for (;;) {
    const seen = await look();
    const tookMs = performance.now() - startedAt;
    if (holds(seen)) return { seen, tookMs };
    if (tookMs > withinMs) throw new Error(`still so after ${Math.round(tookMs)} ms: ${JSON.stringify(seen)}`);
    await delay(10);
  }
}
