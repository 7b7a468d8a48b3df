import { randomInt } from 'node:crypto';
import { coachServiceDocument } from '@fit/contracts/openapi/coach-service';
import { authenticate } from '@fit/service-kit/authenticate';
import { publishBuildInfo } from '@fit/service-kit/build-info';
import { countCallers } from '@fit/service-kit/count-callers';
import { listen } from '@fit/service-kit/http-server';
import { RemoteKeys } from '@fit/service-kit/jwks';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { warnOfNearMisses } from '@fit/service-kit/near-miss';
import { Readiness } from '@fit/service-kit/readiness';
import type { RunningProcess } from '@fit/service-kit/run-process';
import { addRoute, createServiceApp } from '@fit/service-kit/service-app';
import { CatalogueCache } from './catalogue/catalogue-cache.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { CoachConfig } from './config/env.ts';
import { LegacyClient } from './legacy/legacy-client.ts';
import type { CallReport } from './legacy/legacy-client.ts';
import { LEGACY } from './legacy/legacy-failure.ts';
import { LegacyHealth } from './legacy/legacy-health.ts';
import { createCoachMetrics } from './telemetry/coach-metrics.ts';
import { ConcurrencyLimit } from './workout/concurrency-limit.ts';
import type { RandomInt } from './workout/draw.ts';
import { workoutRoute } from './workout/workout-route.ts';
import { createYesterday } from './workout/yesterday.ts';

const SERVICE = 'coach-service';

/** What tests put in the place of the world. */
export type CoachOverrides = { clock?: Clock; random?: RandomInt; logger?: Logger };

export type Coach = RunningProcess & {
  url: string;
  /** Resolves once the key set has been loaded for the first time. */
  ready: Promise<void>;
};

/** Wires the coach and starts to listen; it becomes ready once it has the keys that tokens are verified with. */
export async function startCoach(config: CoachConfig, overrides: CoachOverrides = {}): Promise<Coach> {
  const { clock = systemClock, random = randomInt, logger = createLogger(SERVICE, config.logLevel) } = overrides;
  const { tokens } = config;
  const readiness = new Readiness();
  const registry = createRegistry(SERVICE);
  publishBuildInfo(registry, import.meta.url, config.revision);
  warnOfNearMisses(logger, config.nearMisses);

  const health = new LegacyHealth(logger);
  const legacy = createLegacyClient(config, clock, (call) => {
    health.note(call);
    metrics.callEnded(call);
  });
  const catalogue = new CatalogueCache({ legacy, clock, ...config.catalogue });
  const limit = new ConcurrencyLimit(config.maxConcurrent);
  const metrics = createCoachMetrics(registry, {
    catalogueAgeMs: () => catalogue.ageMs,
    workoutsInFlight: () => limit.inFlight,
    callsInFlight: () => legacy.inFlight,
    connectionsLimit: config.legacy.connections,
  });
  const keys = new RemoteKeys({ url: tokens.jwksUrl, logger, timeoutMs: config.legacy.timeoutMs });
  const dependencies = { legacy, catalogue, clock, random, yesterday: createYesterday() };

  const app = createServiceApp({
    service: SERVICE,
    servedBy: 'coach',
    logger,
    registry,
    metricsToken: config.metricsToken,
    readiness,
    dependencies: () => ({ [LEGACY]: health.state }),
    openApi: coachServiceDocument,
    routes: (routes) =>
      addRoute(routes, '/fitness/wod', {
        GET: [
          countCallers(registry),
          ...authenticate({ keys, keysFrom: LEGACY, ...tokens }),
          workoutRoute({ dependencies, limit, metrics, timeoutMs: config.legacy.timeoutMs }),
        ],
      }),
  });

  const server = await listen(app, {
    host: config.host,
    port: config.port,
    answersAs: { service: SERVICE, servedBy: 'coach' },
  });
  logger.info({ url: server.url, legacy: config.legacy.url }, 'listening');
  return {
    url: server.url,
    logger,
    readiness,
    ready: keys.start().then(() => readiness.markReady()),
    close: async () => {
      await server.close();
      keys.stop();
      await legacy.close();
    },
  };
}

function createLegacyClient(
  { legacy, catalogue }: CoachConfig,
  clock: Clock,
  report: (call: CallReport) => void,
): LegacyClient {
  return new LegacyClient({
    url: legacy.url,
    connections: legacy.connections,
    connectTimeoutMs: legacy.timeoutMs,
    answerTimeoutMs: Math.max(legacy.timeoutMs, catalogue.timeoutMs),
    clock,
    report,
  });
}
