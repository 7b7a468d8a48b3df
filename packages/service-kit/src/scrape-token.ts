import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ProblemError } from './problem.ts';

const CHALLENGE = 'Bearer realm="metrics"';

/**
 * Express middleware: lets only those scrape who know the token (RFC 6750); all of them where there is none.
 *
 * Errors: 401 with `WWW-Authenticate`.
 */
export function requireScrapeToken(token: string | undefined): RequestHandler {
  if (token === undefined) return (_req, _res, next) => next();
  const wanted = digestOf(token);
  return (req, _res, next) => {
    const { authorization } = req.headers;
    const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    // Digests have one length, so the comparison takes one time, whatever was given.
    if (given !== undefined && timingSafeEqual(digestOf(given), wanted)) return next();
    const isWrong = authorization !== undefined;
    throw new ProblemError(
      'unauthorized',
      isWrong ? 'The scrape token is not the one' : 'Metrics need a scrape token',
      {
        headers: { 'www-authenticate': isWrong ? `${CHALLENGE}, error="invalid_token"` : CHALLENGE },
      },
    );
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
