import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import type { Component } from '@fit/test-kit/components';
import { RedisServer, redis } from '../edge-proxy/src/adapters/test/redis-server.ts';
import { WholeEdge } from '../edge-proxy/test/control/whole-edge.ts';
import { nginx } from '../nginx/test/nginx-component.ts';
import { startNginxUnderTest, wodPlan } from '../nginx/test/nginx-under-test.ts';

/** What several edges behind one front need. */
export const nginxAndRedis: Component<undefined> = {
  name: 'nginx and redis',
  find: async () => {
    for (const component of [nginx, redis]) {
      const finding = await component.find();
      if (!finding.available) return finding;
    }
    return { available: true, value: undefined };
  },
};

const ROUTE_FILE = fileURLToPath(new URL('../edge-proxy/edge.config.yaml', import.meta.url));

export type EdgesBehindNginx = AsyncDisposable & {
  /** Of Nginx. */
  url: string;
  /** Of one of the edges: it speaks for all of them. */
  adminUrl: string;
};

/** Three edges on a Redis of their own, with the usual route file, behind an Nginx of their own. */
export async function startEdgesBehindNginx(behind: { legacy: string; coach: string }): Promise<EdgesBehindNginx> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'edges-behind-nginx-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const store = await RedisServer.start();
  started.defer(() => store.stop());
  const tokenFile = join(folder, 'admin-token');
  ensureAdminToken(tokenFile);
  const env = {
    LEGACY_URL: behind.legacy,
    COACH_URL: behind.coach,
    JWKS_URL: `${behind.legacy}/.well-known/jwks.json`,
  };
  const edges = ['edge-1', 'edge-2', 'edge-3'].map(
    (id) =>
      new WholeEdge({ id, dataDir: join(folder, id), routeFile: ROUTE_FILE, tokenFile, redisUrl: store.url, env }),
  );
  for (const edge of edges) started.defer(() => edge.kill());
  await Promise.all(edges.map((edge) => edge.start()));
  const hosts = edges.map(({ url }) => new URL(url).host);
  const front = started.use(await startNginxUnderTest('edge', wodPlan(0, behind), { edges: hosts }));
  const moved = started.move();
  return { url: front.url, adminUrl: edges[0]!.adminUrl, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
