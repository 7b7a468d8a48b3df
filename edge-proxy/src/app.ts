import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readAdminToken } from '@fit/service-kit/admin-token';
import { publishBuildInfo } from '@fit/service-kit/build-info';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import { Complaint } from '@fit/service-kit/complaint';
import { listen } from '@fit/service-kit/http-server';
import { RemoteKeys } from '@fit/service-kit/jwks';
import type { Logger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { warnOfNearMisses } from '@fit/service-kit/near-miss';
import { Readiness } from '@fit/service-kit/readiness';
import type { RunningProcess } from '@fit/service-kit/run-process';
import type { Registry } from 'prom-client';
import { openStore } from './adapters/open-store.ts';
import { CounterScraper } from './adapters/prometheus-counters.ts';
import { Webhook } from './adapters/webhook.ts';
import { createAdminApp } from './admin-api/admin-app.ts';
import { configuredRouting } from './config/configured-routing.ts';
import type { EdgeEnv } from './config/env.ts';
import { misspeltVariables } from './config/misspelt-variables.ts';
import { loadRouteFile } from './config/route-file.ts';
import type { RouteFile } from './config/route-file.ts';
import { ControlPlane } from './control-plane/control-plane.ts';
import type { Observed } from './control-plane/observed.ts';
import { TRAFFIC_WINDOW_MS } from './control-plane/route-store.ts';
import { SeenUsersByRoute } from './data-plane/seen-users-by-route.ts';
import type { Follower } from './data-plane/follower.ts';
import { EDGE } from './data-plane/own-answer.ts';
import { Pipeline } from './data-plane/pipeline.ts';
import { RoutingHolder, createRouting } from './data-plane/routing.ts';
import { listenForClients } from './data-plane/server.ts';
import { createUpgrades } from './data-plane/upgrade.ts';
import { Upstream } from './data-plane/upstream.ts';
import { Upstreams } from './data-plane/upstreams.ts';
import { EvidenceCollector } from './evidence/evidence-collector.ts';
import { onlyKnown } from './evidence/only-known.ts';
import { TokenCheck } from './evidence/token-check.ts';
import { verifyToken } from './evidence/verify-token.ts';
import { loadComparators } from './parity/load-comparators.ts';
import type { Comparators } from './parity/load-comparators.ts';
import { createMirrorTelemetry } from './parity/mirror-telemetry.ts';
import { Parity } from './parity/parity.ts';
import { revision } from './domain/weight.ts';
import { SnapshotHolder } from './snapshot.ts';
import { createCallTelemetry } from './telemetry/call-telemetry.ts';
import { createControlTelemetry, publishControl } from './telemetry/control-telemetry.ts';
import { openEdgeLog } from './telemetry/edge-log.ts';
import type { EdgeLog } from './telemetry/edge-log.ts';
import { watchFront } from './telemetry/front-certificate.ts';
import { OldSideUse } from './telemetry/old-side-use.ts';
import { createRecorder } from './telemetry/record-requests.ts';
import { createSpans } from './telemetry/spans.ts';
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
/** A key that is not known yet is asked for at most so often. */
const KEYS_COOLDOWN_MS = 5000;
/** Who waits for longer than the objective is seen within this time. */
const LOOK_AT_OPEN_EVERY_MS = 500;

/** What both planes and those who look at them share. */
type Shared = {
  env: EdgeEnv;
  log: EdgeLog;
  logger: Logger;
  registry: Registry;
  readiness: Readiness;
  holder: SnapshotHolder;
  keys: RemoteKeys;
  upstreams: Upstreams;
  routing: RoutingHolder;
  users: SeenUsersByRoute;
  traffic: TrafficWindow;
  /** Those who look at requests more closely, and what they found. */
  evidence: EvidenceCollector;
  parity: Parity;
  oldSideUse: OldSideUse;
  /** How tokens of people and testers are verified with the keys that are known, without touching the network. */
  people: AuthenticateOptions;
};

/**
 * Starts an edge: state from the store, then the public and the admin listener. The only place that wires.
 *
 * Rejects, with nothing left open, if the route file or the store cannot be used or a port cannot be opened.
 */
export async function startEdge(env: EdgeEnv, log: EdgeLog = openEdgeLog(env.LOG_LEVEL)): Promise<EdgeProcess> {
  const logger = log.logger.child({ edge: env.EDGE_ID });
  const file = loadRouteFile(env.EDGE_CONFIG, env.variables);
  warnOfNearMisses(logger, misspeltVariables(env));
  const comparators = await loadComparators(env.EDGE_CONFIG, file.routes);
  const shared = share(env, file, { ...log, logger });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => shared.parity.close());
  shared.parity.configure({ routes: file.routes, comparators, upstreams: shared.upstreams.all.values() });
  const plane = await startControlPlane(shared, file, cleanUp);
  const admin = await startAdmin(shared, plane);
  cleanUp.defer(() => admin.close());
  const clients = await startDataPlane(shared);
  cleanUp.defer(() => clients.close());

  cleanUp.defer(watchFront(shared.registry, env.FRONT_URL));
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

function share(env: EdgeEnv, file: RouteFile, log: EdgeLog): Shared {
  const { logger } = log;
  const users = new SeenUsersByRoute();
  const upstreams = new Upstreams((name, config) => new Upstream({ name, ...config }, reportBreaker(logger, name)));
  upstreams.configure(file.upstreams);
  const registry = createRegistry('edge-proxy');
  publishBuildInfo(registry, import.meta.url, env.FIT_REVISION);
  const holder = new SnapshotHolder();
  const keys = new RemoteKeys({ url: env.JWKS_URL, logger, cooldownMs: KEYS_COOLDOWN_MS });
  const people = { keys: onlyKnown(keys), audience: env.JWT_AUDIENCE, issuer: env.JWT_ISSUER };
  const unverifiable = new Complaint(logger, 'requests failed whose tokens cannot be verified: no gate can judge them');
  const evidence = new EvidenceCollector({
    now: Date.now,
    uptime: () => performance.now(),
    tokens: new TokenCheck({
      // Off the request path, so a key that is not known yet may be fetched.
      verify: (authorization) => verifyToken(authorization, { ...people, keys }, Date.now()),
      onUnverifiable: (reason) => unverifiable.add({ reason }),
      now: Date.now,
      random: Math.random,
    }),
    stateOf: (route) => holder.current.get(route),
  });
  const invalid: EvidenceCollector['invalid'] = (request, isBroken) => evidence.invalid(request, isBroken);
  return {
    env,
    log,
    logger,
    registry,
    readiness: new Readiness(),
    holder,
    keys,
    upstreams,
    routing: new RoutingHolder(createRouting(file, { upstreams: upstreams.all, usersOf: users.of })),
    users,
    traffic: new TrafficWindow(TRAFFIC_WINDOW_MS),
    evidence,
    parity: new Parity({ telemetry: createMirrorTelemetry(registry), logger, invalid }),
    oldSideUse: new OldSideUse(),
    people,
  };
}

async function startControlPlane(
  shared: Shared,
  file: RouteFile,
  cleanUp: AsyncDisposableStack,
): Promise<ControlPlane> {
  const { env, logger, registry, holder } = shared;
  const { store, counts, keeper, close } = await openStore(env, logger);
  cleanUp.defer(close);
  const unread = new Complaint(logger, 'counters of an upstream could not be read');
  const scraper = new CounterScraper({
    token: env.METRICS_TOKEN,
    onFault: (target, fault) => unread.add({ ...target, fault }),
  });
  cleanUp.defer(() => scraper.close());
  const replica = { id: env.EDGE_ID, incarnation: randomUUID(), startedAt: new Date().toISOString() };
  const events = createControlTelemetry(logger, registry);
  const { plane, restored } = await ControlPlane.start(
    {
      store,
      counts,
      keeper,
      holder,
      replica,
      observed: observedBy(shared, scraper),
      notifier: notifierOf(env, logger),
      events,
    },
    configuredRouting(file),
  );
  cleanUp.defer(() => plane.close());
  const isComplete = restored.unconfigured.length === 0 && restored.unknown.length === 0;
  logger[isComplete ? 'info' : 'warn'](restored, 'the state of the routes was restored');
  publishControl(registry, { control: plane.control, parityOf: parityHere(shared) });
  return plane;
}

function observedBy(shared: Shared, scraper: CounterScraper): Observed {
  const { upstreams, users, traffic, evidence, parity, oldSideUse } = shared;
  return {
    trafficOf: (route) => traffic.of(route),
    upstreams: () => upstreamReports(upstreams),
    usersBetween: users.between,
    evidenceOf: (route) => evidence.evidenceOf(route),
    parityOf: parityHere(shared),
    checksContent: (route) => parity.checksContent(route),
    oldSideUseOf: oldSideUse.of,
    countersOf: async (name, path, selectors) => {
      const upstream = upstreams.all.get(name);
      if (!upstream) return selectors.map(() => undefined);
      return await scraper.read({ origin: upstream.origin.origin, path }, selectors);
    },
  };
}

function parityHere({ parity, holder }: Shared) {
  return (route: string) => parity.reportOf(route, holder.current.get(route)?.mirrorEpoch ?? revision(0));
}

function notifierOf(env: EdgeEnv, logger: Logger): Webhook | undefined {
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secret, WEBHOOK_FORMAT: format } = env;
  return url === undefined ? undefined : new Webhook({ url, secret, format, logger });
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
    metricsToken: env.METRICS_TOKEN,
    readiness,
    dependencies: () => ({
      'token keys': keys.loaded ? 'up' : 'unknown',
      store: control.store().reachable ? 'up' : 'down',
    }),
  });
  return await listen(app, { host: env.ADMIN_HOST, port: env.ADMIN_PORT, portVariable: 'ADMIN_PORT', answersAs: EDGE });
}

async function startDataPlane(shared: Shared) {
  const { env, logger, registry, readiness, holder, upstreams, routing, users } = shared;
  const { evidence, parity, people } = shared;
  const { TRUSTED_PROXIES: trusted, limits } = env;
  const follower: Follower = {
    began: (request) => {
      evidence.began(request);
      parity.began(request);
    },
    ended: (request, outcome) => {
      evidence.ended(request, outcome);
      parity.ended(request, outcome);
    },
  };
  const record = createRecorder({ ...shared, edge: env.EDGE_ID });
  const pipeline = new Pipeline({
    routing,
    holder,
    trusted,
    limits,
    testers: people,
    follower,
    tracing: createSpans(env.EDGE_ID),
    called: createCallTelemetry(registry),
    record,
  });
  publishUpstreams(registry, upstreams, pipeline);
  const forgetting = setInterval(() => users.advance(performance.now()), FORGET_EVERY_MS);
  const lookingAtOpen = setInterval(() => evidence.advance(), LOOK_AT_OPEN_EVERY_MS);
  const upgrades = createUpgrades({ routing, heads: { trusted, ...limits }, logger, record });
  const where = { host: env.HOST, port: env.PORT, drainDelayMs: env.DRAIN_DELAY_MS };
  const listening = await listenForClients({ ...where, trusted, limits, pipeline, upgrades, readiness });
  return {
    url: listening.url,
    close: async () => {
      clearInterval(forgetting);
      clearInterval(lookingAtOpen);
      await listening.close();
      await upstreams.close();
    },
  };
}

/** Everything is made before anything is put in force, and the parts of it are put in force without a pause between. */
async function reload(shared: Shared, plane: ControlPlane): Promise<void> {
  const { env, logger, upstreams, routing, users, parity } = shared;
  let file: RouteFile;
  let comparators: Comparators;
  try {
    file = loadRouteFile(env.EDGE_CONFIG, env.variables);
    comparators = await loadComparators(env.EDGE_CONFIG, file.routes);
  } catch (error) {
    logger.error({ err: error }, 'the route file cannot be used: everything stays as it was');
    return;
  }
  const before = new Map(plane.control.routing().routes.map(({ name, digest }) => [name, digest]));
  const next = configuredRouting(file);
  const restored = await plane.configure(next);
  for (const { name, digest } of next.routes) {
    if (before.get(name) === digest) continue;
    shared.evidence.forget(name);
    parity.forget(name);
  }
  upstreams.configure(file.upstreams);
  routing.current = createRouting(file, { upstreams: upstreams.all, usersOf: users.of });
  parity.configure({ routes: file.routes, comparators, upstreams: upstreams.all.values() });
  logger.info(restored, 'the route file was read again and is in force');
}
