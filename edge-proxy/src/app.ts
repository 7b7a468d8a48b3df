import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readAdminToken } from '@fit/service-kit/admin-token';
import { listen } from '@fit/service-kit/http-server';
import { RemoteKeys } from '@fit/service-kit/jwks';
import type { KeySource } from '@fit/service-kit/jwks';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { Readiness } from '@fit/service-kit/readiness';
import type { RunningProcess } from '@fit/service-kit/run-process';
import type { Registry } from 'prom-client';
import { openStore } from './adapters/open-store.ts';
import { createAdminApp } from './admin-api/admin-app.ts';
import type { EdgeEnv } from './config/env.ts';
import { loadRouteFile } from './config/route-file.ts';
import type { RouteFile } from './config/route-file.ts';
import type { ConfiguredRouting } from './control-plane/configured-route.ts';
import { ControlPlane } from './control-plane/control-plane.ts';
import { TRAFFIC_WINDOW_MS } from './control-plane/route-store.ts';
import { SeenUsersByRoute } from './data-plane/seen-users-by-route.ts';
import { EDGE } from './data-plane/own-answer.ts';
import { Pipeline } from './data-plane/pipeline.ts';
import { RoutingHolder, createRouting } from './data-plane/routing.ts';
import { listenForClients } from './data-plane/server.ts';
import { createUpgrades } from './data-plane/upgrade.ts';
import { Upstream } from './data-plane/upstream.ts';
import { Upstreams } from './data-plane/upstreams.ts';
import { SnapshotHolder } from './snapshot.ts';
import { createControlTelemetry, publishControl } from './telemetry/control-telemetry.ts';
import { createRequestTelemetry } from './telemetry/request-telemetry.ts';
import { TrafficWindow } from './telemetry/traffic-window.ts';
import { publishUpstreams, reportBreaker, upstreamReports } from './telemetry/upstream-telemetry.ts';

export type EdgeProcess = RunningProcess & {
  /** Where clients come in, and where operators do. */
  url: string;
  adminUrl: string;
  /** What it was configured with at its start. */
  file: RouteFile;
  /** Reads the route file again: the whole of it is in force when this resolves, or, with the problems logged, nothing. */
  reload: () => Promise<void>;
};

/** As `npm run build` makes it. */
const DASHBOARD = join(import.meta.dirname, '..', 'dashboard', 'dist');
const FORGET_EVERY_MS = 60_000;

/** What both planes and those who look at them share. */
type Shared = {
  env: EdgeEnv;
  logger: Logger;
  registry: Registry;
  readiness: Readiness;
  holder: SnapshotHolder;
  keys: RemoteKeys;
  upstreams: Upstreams;
  routing: RoutingHolder;
  users: SeenUsersByRoute;
  traffic: TrafficWindow;
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
  const shared = share(env, file, logger);
  await using cleanUp = new AsyncDisposableStack();
  const plane = await startControlPlane(shared, file, cleanUp);
  const admin = await startAdmin(shared, plane);
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
    reload: () => reload(shared, plane),
    close: () => running.disposeAsync(),
  };
}

function share(env: EdgeEnv, file: RouteFile, logger: Logger): Shared {
  const users = new SeenUsersByRoute();
  const upstreams = new Upstreams((name, config) => new Upstream({ name, ...config }, reportBreaker(logger, name)));
  upstreams.configure(file.upstreams);
  return {
    env,
    logger,
    registry: createRegistry('edge-proxy'),
    readiness: new Readiness(),
    holder: new SnapshotHolder(),
    keys: new RemoteKeys({ url: env.JWKS_URL, logger }),
    upstreams,
    routing: new RoutingHolder(createRouting(file, { upstreams: upstreams.all, usersOf: users.of })),
    users,
    traffic: new TrafficWindow(TRAFFIC_WINDOW_MS),
  };
}

async function startControlPlane(
  shared: Shared,
  file: RouteFile,
  cleanUp: AsyncDisposableStack,
): Promise<ControlPlane> {
  const { env, logger, registry, holder, upstreams, users, traffic } = shared;
  const { store, keeper, close } = await openStore(env, logger);
  cleanUp.defer(close);
  const replica = { id: env.EDGE_ID, incarnation: randomUUID(), startedAt: new Date().toISOString() };
  const observed = {
    trafficOf: (route: string) => traffic.of(route),
    upstreams: () => upstreamReports(upstreams),
    usersBetween: users.between,
  };
  const events = createControlTelemetry(logger, registry);
  const { plane, restored } = await ControlPlane.start(
    { store, keeper, holder, replica, observed, events },
    configuredRouting(file),
  );
  cleanUp.defer(() => plane.close());
  const isComplete = restored.unconfigured.length === 0 && restored.unknown.length === 0;
  logger[isComplete ? 'info' : 'warn'](restored, 'the state of the routes was restored');
  publishControl(registry, plane.control);
  return plane;
}

async function startAdmin({ env, logger, registry, readiness, keys }: Shared, { control }: ControlPlane) {
  const localToken = env.ADMIN_TOKEN_FILE === undefined ? undefined : readAdminToken(env.ADMIN_TOKEN_FILE);
  const app = createAdminApp({
    control,
    auth: { keys, issuer: env.JWT_ISSUER, keysFrom: 'legacy-monolith', localToken },
    host: env.ADMIN_HOST,
    hostNames: env.ADMIN_HOSTS,
    pageFolder: DASHBOARD,
    logger,
    registry,
    readiness,
    dependencies: () => ({
      'token keys': keys.loaded ? 'up' : 'unknown',
      store: control.store().reachable ? 'up' : 'down',
    }),
  });
  return await listen(app, { host: env.ADMIN_HOST, port: env.ADMIN_PORT, portVariable: 'ADMIN_PORT', answersAs: EDGE });
}

async function startDataPlane(shared: Shared) {
  const { env, logger, registry, readiness, holder, keys, upstreams, routing, users, traffic } = shared;
  const { TRUSTED_PROXIES: trusted, limits } = env;
  const count = createRequestTelemetry({ registry, holder, logger });
  const pipeline = new Pipeline({
    routing,
    holder,
    trusted,
    limits,
    testers: { keys: onlyKnown(keys), audience: env.JWT_AUDIENCE, issuer: env.JWT_ISSUER },
    record: (record) => {
      count(record);
      traffic.add(record);
    },
  });
  publishUpstreams(registry, upstreams, pipeline);
  const forgetting = setInterval(() => users.advance(performance.now()), FORGET_EVERY_MS);
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
      clearInterval(forgetting);
      await listening.close();
      await upstreams.close();
    },
  };
}

/** Everything is made before anything is put in force, and the parts of it are put in force without a pause between. */
async function reload(shared: Shared, plane: ControlPlane): Promise<void> {
  const { env, logger, upstreams, routing, users } = shared;
  let file: RouteFile;
  try {
    file = loadRouteFile(env.EDGE_CONFIG, env.variables);
  } catch (error) {
    logger.error({ err: error }, 'the route file cannot be used: everything stays as it was');
    return;
  }
  const restored = await plane.configure(configuredRouting(file));
  upstreams.configure(file.upstreams);
  routing.current = createRouting(file, { upstreams: upstreams.all, usersOf: users.of });
  logger.info(restored, 'the route file was read again and is in force');
}

function configuredRouting({ upstreams, defaultUpstream, internalPaths, routes }: RouteFile): ConfiguredRouting {
  return {
    upstreams: Object.entries(upstreams).map(([name, { url }]) => ({ name, url: new URL(url).origin })),
    defaultUpstream,
    internalPaths,
    routes: routes.map((route) => ({ ...route, sides: { old: route.old, new: route.new } })),
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
