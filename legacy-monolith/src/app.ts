import { legacyMonolithDocument } from '@fit/contracts/openapi/legacy-monolith';
import { publishBuildInfo } from '@fit/service-kit/build-info';
import { listen } from '@fit/service-kit/http-server';
import { createLogger } from '@fit/service-kit/logger';
import type { Logger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { warnOfNearMisses } from '@fit/service-kit/near-miss';
import { Readiness } from '@fit/service-kit/readiness';
import { createRequestRecorder } from '@fit/service-kit/request-record';
import type { RunningProcess } from '@fit/service-kit/run-process';
import { createServiceApp } from '@fit/service-kit/service-app';
import type { Express } from 'express';
import type { Registry } from 'prom-client';
import { addAuthRoutes } from './auth/auth-routes.ts';
import { authenticatePerson } from './auth/caller.ts';
import { PasswordSlots, argon2Hasher } from './auth/password-hasher.ts';
import type { PasswordHasher } from './auth/password-hasher.ts';
import { SigningKeys } from './auth/signing-keys.ts';
import type { MonolithConfig } from './config/env.ts';
import { probeDatabase } from './db/database-probe.ts';
import { openDatabase } from './db/database.ts';
import type { OpenDatabase } from './db/database.ts';
import { databaseFailures } from './db/failures.ts';
import { migrate } from './db/migrate.ts';
import type { Database } from './db/schema.ts';
import { traceQueries } from './db/trace-queries.ts';
import { CatalogueCache } from './exercises/catalogue-cache.ts';
import { addExerciseRoutes } from './exercises/exercise-routes.ts';
import type { NewExercise } from './exercises/exercise-store.ts';
import { addFitnessRoutes } from './fitness/fitness-routes.ts';
import { GeneratorPool, randomCost } from './fitness/generator-pool.ts';
import type { GeneratorCost } from './fitness/generator-pool.ts';
import { purgeIdempotencyKeys } from './fitness/idempotency.ts';
import { LiveUpdates } from './fitness/live-updates.ts';
import { WorkoutFeed } from './fitness/workout-feed.ts';
import { repeat } from './repeat.ts';
import { readSeedCatalogue, seedCatalogue } from './seed/seed-catalogue.ts';
import { seedDemo } from './seed/seed-demo.ts';
import { createQueryMetrics, publishConnections } from './telemetry/database-metrics.ts';

export const SERVICE = 'legacy-monolith';
const PURGE_INTERVAL_MS = 3_600_000;

/** The world outside, as a test may want it. */
export type Overrides = {
  now?: () => Date;
  logger?: Logger;
  hasher?: PasswordHasher;
  /** Instead of seed/exercises.json. */
  catalogue?: readonly NewExercise[];
  generatorCost?: GeneratorCost;
};

/** A monolith that serves. */
export type RunningMonolith = RunningProcess & {
  url: string;
  db: Database;
  keys: SigningKeys;
};

/**
 * Starts the monolith: opens, migrates and seeds its database, then listens.
 *
 * @throws FolderInUseError, or the system's error if the address cannot be had
 */
export async function startMonolith(config: MonolithConfig, overrides: Overrides = {}): Promise<RunningMonolith> {
  const logger = overrides.logger ?? createLogger(SERVICE, config.logLevel);
  warnOfNearMisses(logger, config.nearMisses);
  const registry = createRegistry(SERVICE);
  const database = await openDatabase(config.database, {
    logger,
    observers: [createQueryMetrics(registry), ...traceQueries()],
  });
  const parts = createParts(config, overrides, { database, logger, registry });
  try {
    await prepare(config, overrides, parts);
    const listening = await listen(createApp(config, parts), {
      host: config.host,
      port: config.port,
      answersAs: { service: SERVICE, servedBy: 'legacy' },
      server: { shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket' },
    });
    parts.live.attach(listening.server);
    parts.readiness.markReady();
    logger.info({ url: listening.url, database: config.database.kind }, 'listening');
    const { readiness, keys } = parts;
    return { url: listening.url, db: database.db, keys, logger, readiness, close: () => stop(parts, listening.close) };
  } catch (error) {
    await stop(parts, async () => undefined);
    throw error;
  }
}

type Parts = ReturnType<typeof createParts>;

function createParts(
  config: MonolithConfig,
  overrides: Overrides,
  { database, logger, registry }: { database: OpenDatabase; logger: Logger; registry: Registry },
) {
  const { db, connections } = database;
  const now = overrides.now ?? (() => new Date());
  publishBuildInfo(registry, import.meta.url, config.revision);
  if (connections) publishConnections(registry, connections.counts, connections.limit);
  const record = createRequestRecorder(registry, logger);
  const keys = new SigningKeys({ db, logger, now, maxAgeDays: config.signingKeyMaxAgeDays });
  const feed = new WorkoutFeed(logger);
  const cost = overrides.generatorCost ?? randomCost(config.generator.costMs);
  return {
    db,
    database,
    logger,
    now,
    registry,
    record,
    keys,
    feed,
    readiness: new Readiness(),
    probe: probeDatabase(db, logger),
    catalogue: new CatalogueCache(db),
    hasher: overrides.hasher ?? argon2Hasher(config.hashing),
    slots: new PasswordSlots(),
    pool: new GeneratorPool(config.generator, cost, registry),
    live: new LiveUpdates({ service: SERVICE, keys, feed, logger, registry, record, now }),
    purge: repeat('purge of idempotency keys', PURGE_INTERVAL_MS, logger, () => purgeIdempotencyKeys(db, now())),
  };
}

async function prepare(config: MonolithConfig, overrides: Overrides, parts: Parts): Promise<void> {
  const { db, logger, hasher } = parts;
  const migrations = await migrate(db);
  if (migrations.length > 0) logger.info({ migrations }, 'the database was migrated');
  const added = await seedCatalogue(db, overrides.catalogue ?? readSeedCatalogue());
  if (added > 0) logger.info({ exercises: added }, 'the catalogue was seeded');
  if (config.demo) await seedDemo({ db, hasher, ...config.demo, now: parts.now() });
  await parts.keys.start();
  await parts.feed.start(parts.database.listen);
}

function createApp(config: MonolithConfig, parts: Parts): Express {
  const person = authenticatePerson(parts.keys, parts.registry);
  return createServiceApp({
    service: SERVICE,
    servedBy: 'legacy',
    logger: parts.logger,
    registry: parts.registry,
    record: parts.record,
    metricsToken: config.metricsToken,
    readiness: parts.readiness,
    dependencies: () => ({ database: parts.probe.state }),
    openApi: legacyMonolithDocument,
    routes: (app) => {
      app.set('trust proxy', config.trustedProxies);
      addAuthRoutes(app, { ...parts, authLimits: config.authLimits });
      addExerciseRoutes(app, { ...parts, person });
      addFitnessRoutes(app, { ...parts, person });
      app.use(databaseFailures);
    },
  });
}

/** Refuses what is new, finishes what runs, then lets everything go; the database last. */
async function stop(parts: Parts, closeServer: () => Promise<void>): Promise<void> {
  parts.purge.stop();
  parts.probe.stop();
  parts.keys.stop();
  await Promise.all([closeServer(), parts.live.drain(), parts.pool.drain()]);
  await parts.feed.stop();
  await parts.database.close();
}
