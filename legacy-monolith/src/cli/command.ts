import { FolderInUseError } from '@fit/service-kit/exclusive-lock';
import { createLogger } from '@fit/service-kit/logger';
import { StartError } from '@fit/service-kit/start-error';
import { readDatabaseConfig } from '../config/env.ts';
import { openDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import type { Database } from '../db/schema.ts';

/** What the caller of a command did wrong; its message is all that is shown. Exit code 1. */
export class CommandError extends Error {
  readonly code = 'command-failed';
  override readonly name = 'CommandError';
}

/** The command was called wrongly. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
  override readonly name = 'UsageError';
}

/** Runs a command and sets the exit code: 0, 1 when it could not be done, 2 when it was called wrongly. */
export async function runCommand(command: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await command(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/** Gives a command the migrated database, and closes it whatever happens. */
export async function withDatabase<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
  const database = await openDatabase(readDatabaseConfig(process.env), {
    logger: createLogger('legacy-monolith-cli', 'warn'),
  });
  try {
    await migrate(database.db);
    return await work(database.db);
  } finally {
    await database.close();
  }
}

function explain(error: unknown): string {
  if (error instanceof FolderInUseError) return `${error.message}. Stop the monolith first, or use PostgreSQL.`;
  const isExpected = [CommandError, UsageError, StartError].some((kind) => error instanceof kind);
  return isExpected ? (error as Error).message : String((error as Error).stack ?? error);
}
