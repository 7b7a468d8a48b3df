import { ProblemError } from '@fit/service-kit/problem';
import type { ErrorRequestHandler } from 'express';

/** SQLSTATE classes and codes, and the system's, that say the database cannot be reached or serves nobody now. */
const UNAVAILABLE = /^(08...|53...|57P0.|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT)$/;
const UNAVAILABLE_MESSAGE = /timeout exceeded when trying to connect|Connection terminated/;

/** SQLSTATE of a driver's error, if it is one. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

export const FOREIGN_KEY_VIOLATION = '23503';

/** Turns a database that is away into 503, so that callers come again; every other error goes on as it is. */
export const databaseFailures: ErrorRequestHandler = (error: unknown, _req, _res, next) => {
  const isAway =
    UNAVAILABLE.test(sqlStateOf(error) ?? '') || (error instanceof Error && UNAVAILABLE_MESSAGE.test(error.message));
  next(isAway ? new ProblemError('dependency-unavailable', 'The database cannot be reached', { cause: error }) : error);
};
