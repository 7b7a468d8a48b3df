import { listen } from '@fit/service-kit/http-server';
import { RemoteKeys } from '@fit/service-kit/jwks';
import type { KeySource } from '@fit/service-kit/jwks';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { Readiness } from '@fit/service-kit/readiness';
import type { RunningProcess } from '@fit/service-kit/run-process';
import type { Registry } from 'prom-client';
import { openFileStore } from './adapters/file-store.ts';
import { createAdminApp } from './admin-api/admin-app.ts';
import type { EdgeEnv } from './config/env.ts';
import { loadRouteFile } from './config/route-file.ts';
import type { RouteFile } from './config/route-file.ts';
import type { ConfiguredRouting } from './control-plane/configured-route.ts';
import { createChangeWeight } from './control-plane/change-weight.ts';
import { restoreState } from './control-plane/restore-state.ts';
import type { RouteStore } from './control-plane/route-store.ts';
import { EDGE } from './data-plane/own-answer.ts';
import { Pipeline } from './data-plane/pipeline.ts';
import { createRouting } from './data-plane/routing.ts';
import { listenForClients } from './data-plane/server.ts';
import { createUpgrades } from './data-plane/upgrade.ts';
import { Upstream } from './data-plane/upstream.ts';
import { SnapshotHolder } from './snapshot.ts';
import { createRequestTelemetry } from './telemetry/request-telemetry.ts';
import { publishUpstreams, reportBreaker } from './telemetry/upstream-telemetry.ts';

export type EdgeProcess = RunningProcess & {
  /** Where clients come in, and where operators do. */
  url: string;
  adminUrl: string;
  /** What it was configured with. */
  file: RouteFile;
};

type Shared = {
  env: EdgeEnv;
  file: RouteFile;
  logger: Logger;
  registry: Registry;
  readiness: Readiness;
  holder: SnapshotHolder;
  keys: RemoteKeys;
};

/**
 * Starts an edge: state from the store, then the public and the admin listener. The only place that wires.
 *
 * Rejects, with nothing left open, if the route file or the store cannot be used or a port cannot be opened.
 */
export async function startEdge(
  env: EdgeEnv,
  baseLogger: Logger = createLogger('edge-proxy', env.LOG_LEVEL),
): Promise<EdgeProcess> {
  const logger = baseLogger.child({ edge: env.EDGE_ID });
  const file = loadRouteFile(env.EDGE_CONFIG, env.variables);
  const shared: Shared = {
    env,
    file,
    logger,
    registry: createRegistry('edge-proxy'),
    readiness: new Readiness(),
    holder: new SnapshotHolder(),
    keys: new RemoteKeys({ url: env.JWKS_URL, logger }),
  };
  await using cleanUp = new AsyncDisposableStack();
  const { store } = await openFileStore({ folder: env.DATA_DIR, logger });
  cleanUp.defer(() => store.close());
  const restored = await restoreState({ store, holder: shared.holder, routes: file.routes, now: () => new Date() });
  const level = restored.unconfigured.length > 0 ? 'warn' : 'info';
  logger[level](restored, 'the state of the routes was restored');
  const admin = await startAdmin(shared, store);
  cleanUp.defer(() => admin.close());
  const clients = await startDataPlane(shared);
  cleanUp.defer(() => clients.close());

  cleanUp.defer(() => shared.keys.stop());
  void shared.keys.start();
  shared.readiness.markReady();
  logger.info({ url: clients.url, adminUrl: admin.url }, 'listening');
  const running = cleanUp.move();
  return {
    logger,
    readiness: shared.readiness,
    url: clients.url,
    adminUrl: admin.url,
    file,
    close: () => running.disposeAsync(),
  };
}

async function startAdmin({ env, file, logger, registry, readiness, holder, keys }: Shared, store: RouteStore) {
  const app = createAdminApp({
    routing: configuredRouting(file),
    holder,
    changeWeight: createChangeWeight({ store, holder, now: () => new Date() }),
    auth: { keys, issuer: env.JWT_ISSUER, keysFrom: 'legacy-monolith' },
    logger,
    registry,
    readiness,
    dependencies: () => ({ 'token keys': keys.loaded ? 'up' : 'unknown' }),
  });
  return await listen(app, { host: env.ADMIN_HOST, port: env.ADMIN_PORT, portVariable: 'ADMIN_PORT', answersAs: EDGE });
}

function configuredRouting({ upstreams, defaultUpstream, internalPaths, routes }: RouteFile): ConfiguredRouting {
  return {
    upstreams: Object.entries(upstreams).map(([name, { url }]) => ({ name, url: new URL(url).origin })),
    defaultUpstream,
    internalPaths,
    routes: routes.map((route) => ({ ...route, sides: { old: route.old, new: route.new } })),
  };
}

async function startDataPlane({ env, file, logger, registry, readiness, holder, keys }: Shared) {
  const upstreams = new Map(
    Object.entries(file.upstreams).map(
      ([name, options]) => [name, new Upstream({ name, ...options }, reportBreaker(logger, name))] as const,
    ),
  );
  const routing = createRouting(file, upstreams);
  const { TRUSTED_PROXIES: trusted, limits } = env;
  const pipeline = new Pipeline({
    routing,
    holder,
    trusted,
    limits,
    testers: { keys: onlyKnown(keys), audience: env.JWT_AUDIENCE, issuer: env.JWT_ISSUER },
    record: createRequestTelemetry({ registry, holder, logger }),
  });
  publishUpstreams(registry, upstreams.values(), pipeline);
  const upgrades = createUpgrades({ routing, heads: { trusted, ...limits }, logger });
  const { HOST: host, PORT: port, DRAIN_DELAY_MS: drainDelayMs } = env;
  const listening = await listenForClients({
    host,
    port,
    trusted,
    limits,
    drainDelayMs,
    pipeline,
    upgrades,
    readiness,
  });
  return {
    url: listening.url,
    close: async () => {
      await listening.close();
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}

/** The request path may not wait for the network, so there a key that is not known yet is none. */
function onlyKnown(keys: RemoteKeys): KeySource {
  return {
    find: (kid) => {
      const key = keys.peek(kid);
      return Promise.resolve(key ? { kind: 'known', key } : { kind: 'unavailable' });
    },
  };
}
