import { Migrator } from 'kysely/migration';
import * as accounts from './migrations/0001-accounts.ts';
import * as catalogue from './migrations/0002-catalogue.ts';
import * as workouts from './migrations/0003-workouts.ts';
import type { Database } from './schema.ts';

/** In the order in which they run; one that was published is never changed, only followed. */
const MIGRATIONS = {
  '0001-accounts': accounts,
  '0002-catalogue': catalogue,
  '0003-workouts': workouts,
};

/**
 * Brings the tables up to date; all of what is missing or nothing. On PostgreSQL kysely holds an advisory lock, so two
 * processes that start at once migrate one after the other.
 *
 * @returns the names of the migrations that ran
 */
export async function migrate(db: Database): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) throw new Error('The database could not be migrated', { cause: error });
  return results.map((result) => result.migrationName);
}
