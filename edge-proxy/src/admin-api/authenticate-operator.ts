import { createHash, timingSafeEqual } from 'node:crypto';
import { ADMIN_TOKEN } from '@fit/service-kit/admin-token';
import { authenticate, unauthorized } from '@fit/service-kit/authenticate';
import type { AuthenticateOptions, Identity } from '@fit/service-kit/authenticate';
import type { RequestHandler } from 'express';

export type OperatorAuth = Omit<AuthenticateOptions, 'audience'> & {
  /** The content of `ADMIN_TOKEN_FILE`; none if absent. */
  localToken?: string | undefined;
};

/**
 * Express middleware: keeps the `Identity` of whoever has a token of the monolith for `edge-admin`, or the local admin
 * token, which needs nobody else to be verified: neither the monolith nor its keys.
 */
export function authenticateOperator({ localToken, ...options }: OperatorAuth): RequestHandler[] {
  const isLocal = localToken === undefined ? () => false : equals(localToken);
  const byLocalToken: RequestHandler = (req, res, next) => {
    const given = req.headersDistinct.authorization ?? [];
    const token = /^bearer (.+)$/i.exec(given.length === 1 ? given[0]! : '')?.[1];
    if (token !== undefined && ADMIN_TOKEN.test(token)) {
      if (!isLocal(token)) throw unauthorized('it is not the local admin token of this edge');
      res.locals['identity'] = localAdmin(token);
    }
    next();
  };
  const byMonolith = authenticate({ ...options, audience: 'edge-admin' });
  return [byLocalToken, ...byMonolith.map(unlessKnown)];
}

/** Digests are equally long, and telling where they differ tells nothing about the token. */
function equals(expected: string): (given: string) => boolean {
  const digest = (token: string) => createHash('sha256').update(token).digest();
  const expectedDigest = digest(expected);
  return (given) => timingSafeEqual(digest(given), expectedDigest);
}

function localAdmin(token: string): Identity {
  return {
    subject: 'local-admin',
    roles: ['admin'],
    timeZone: 'UTC',
    unknownTimeZone: false,
    expiresAt: Infinity,
    token,
  };
}

function unlessKnown(middleware: RequestHandler): RequestHandler {
  return (req, res, next) => (res.locals['identity'] ? next() : middleware(req, res, next));
}
