import { createHash } from 'node:crypto';
import { ProblemError } from '@fit/service-kit/problem';
import type { ErrorRequestHandler, NextFunction, Request } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';

const WINDOW_SECONDS = 60;
const MAX_FAILURES = 20;

/**
 * Express error middleware: whoever fails to authenticate more than 20 times a minute from one address gets 429 instead of
 * 401. It counts failures alone: a good token always opens, whoever guesses behind the same address. A request without any
 * token is no guess.
 */
export function limitFailedLogins(): ErrorRequestHandler {
  const count = rateLimit({
    windowMs: WINDOW_SECONDS * 1000,
    limit: MAX_FAILURES,
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: addressGroup,
    handler: (_req, _res, next: NextFunction) =>
      next(
        new ProblemError('too-many-requests', `More than ${MAX_FAILURES} logins a minute failed from this address`, {
          headers: { 'retry-after': String(WINDOW_SECONDS) },
        }),
      ),
  });
  return (error: unknown, req, res, next) => {
    if (!isFailedLogin(error, req)) return next(error);
    void count(req, res, (tooMany?: unknown) => next(tooMany ?? error));
  };
}

function isFailedLogin(error: unknown, req: Request): boolean {
  if (!(error instanceof ProblemError)) return false;
  return error.code === 'invalid-login-code' || (error.code === 'unauthorized' && Boolean(req.headers.authorization));
}

/** One of 65,536 groups of addresses (of IPv6: /56 networks), so that counting takes a bounded memory. */
function addressGroup({ socket }: Request): string {
  const network = ipKeyGenerator(socket.remoteAddress ?? '');
  return createHash('sha256').update(network).digest().toString('hex', 0, 2);
}
