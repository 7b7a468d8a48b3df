import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import type { Logger } from '@fit/service-kit/logger';
import { StartError } from '@fit/service-kit/start-error';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from '../config/env.ts';
import { sqlStateOf } from './failures.ts';
import { listenOnPostgres } from './postgres-notifications.ts';
import { observeQueries } from './query-observer.ts';
import type { QueryObserver } from './query-observer.ts';
import type { Database, Schema } from './schema.ts';

export type OpenDatabase = {
  db: Database;
  /** Hears what is sent with `pg_notify`, from any process, once its transaction is committed. Returns its end. */
  listen: (channel: string, onPayload: (payload: string) => void) => Promise<() => Promise<void>>;
  /** Of a pool of connections; absent where there is none. */
  connections?: { limit: number; counts: () => ConnectionCounts };
  close: () => Promise<void>;
};

/** Connections by what they do, and how many wait for one. */
export type ConnectionCounts = { used: number; idle: number; waiting: number };

export type OpenDatabaseOptions = {
  logger: Logger;
  /** Told of every statement. */
  observers?: readonly QueryObserver[];
};

const MAX_CONNECTIONS = 20;

const POOL: pg.PoolConfig = {
  max: MAX_CONNECTIONS,
  connectionTimeoutMillis: 5000,
  statement_timeout: 15_000,
  keepAlive: true,
  application_name: 'legacy-monolith',
};

/**
 * The database, not migrated.
 *
 * @throws StartError if PostgreSQL cannot be reached
 * @throws FolderInUseError if another process has the folder: two on one PGlite would lose each other's rows
 */
export async function openDatabase(config: DatabaseConfig, options: OpenDatabaseOptions): Promise<OpenDatabase> {
  if (config.kind === 'postgres') return await openPostgres(config.url, options);
  return config.dataDir === undefined
    ? openPGlite(await PGlite.create(), options)
    : await openFolder(config.dataDir, options);
}

async function openPostgres(url: string, { logger, observers = [] }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const pool = new pg.Pool({ ...POOL, connectionString: url });
  // Without a listener the end of an idle connection would end the process; the pool replaces it by itself.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'));
  await assertReachable(pool, url);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log: observeQueries(observers) });
  return {
    db,
    listen: (channel, onPayload) => listenOnPostgres({ url, channel, onPayload, logger }),
    connections: {
      limit: MAX_CONNECTIONS,
      counts: () => ({ used: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    },
    close: () => db.destroy(),
  };
}

/** The URL's user and password are not repeated. */
async function assertReachable(pool: pg.Pool, url: string): Promise<void> {
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    const { host, pathname } = new URL(url);
    const reason = (error as Error).message || sqlStateOf(error);
    throw new StartError('database-unavailable', `The database ${host}${pathname} cannot be used: ${reason}`);
  }
}

async function openFolder(dataDir: string, options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const lock = lockFolder(dataDir);
  try {
    const opened = openPGlite(await PGlite.create({ dataDir: join(dataDir, 'pglite') }), options);
    return {
      ...opened,
      close: async () => {
        await opened.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openPGlite(pglite: PGlite, { observers = [] }: OpenDatabaseOptions): OpenDatabase {
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }), log: observeQueries(observers) });
  return {
    db,
    listen: async (channel, onPayload) => await pglite.listen(channel, onPayload),
    close: async () => {
      await db.destroy();
      // kysely closes only what it has used.
      if (!pglite.closed) await pglite.close();
    },
  };
}
