import type { Logger } from '@fit/service-kit/logger';
import type { DependencyState } from '@fit/service-kit/service-app';
import { sql } from 'kysely';
import { repeat } from '../repeat.ts';
import type { Database } from './schema.ts';

const INTERVAL_MS = 5000;

export type DatabaseProbe = { state: DependencyState; stop: () => void };

/** Asks the database now and then whether it answers, for `GET /health`. */
export function probeDatabase(db: Database, logger: Logger): DatabaseProbe {
  const probe: DatabaseProbe = { state: 'up', stop: () => asking.stop() };
  const asking = repeat('probe of the database', INTERVAL_MS, logger, async () => {
    try {
      await sql`select 1`.execute(db);
      probe.state = 'up';
    } catch (error) {
      probe.state = 'down';
      throw error;
    }
  });
  return probe;
}
