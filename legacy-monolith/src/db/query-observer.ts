import type { LogEvent } from 'kysely';

/** Told of each statement when it has ended; its parameters are none of anybody's business. */
export type QueryObserver = (query: EndedQuery) => void;

export type EndedQuery = {
  /** With placeholders where its values were. */
  sql: string;
  durationMs: number;
  outcome: 'ok' | 'error';
};

/** What kysely tells, for each of several observers. */
export function observeQueries(observers: readonly QueryObserver[]): (event: LogEvent) => void {
  return ({ level, query, queryDurationMillis }) => {
    const outcome = level === 'error' ? 'error' : 'ok';
    for (const observe of observers) observe({ sql: query.sql, durationMs: queryDurationMillis, outcome });
  };
}
