import { CLOCK_TOLERANCE_SECONDS, ISSUER, ROLES } from '@fit/contracts/auth';
import type { Audience, Role } from '@fit/contracts/auth';
import { DEFAULT_TIME_ZONE, parseTimeZone } from '@fit/contracts/calendar';
import type { Request, RequestHandler, Response } from 'express';
import { UnauthorizedError, expressjwt } from 'express-jwt';
import jwt from 'jsonwebtoken';
import type { JwtPayload } from 'jsonwebtoken';
import type { KeySource } from './jwks.ts';
import { ProblemError } from './problem.ts';
import { remember } from './remember.ts';

/** Who sends a request, after the token was verified. */
export type Identity = {
  subject: string;
  /** How people know whoever it is; absent where the token does not tell, or nothing that can be shown as it is. */
  email?: string;
  roles: readonly Role[];
  /** IANA name; UTC where the token names none or one that does not exist. */
  timeZone: string;
  /** Whether the token names a time zone that does not exist. */
  unknownTimeZone: boolean;
  /** Seconds since the epoch; Infinity: never. */
  expiresAt: number;
  /** The token itself, to call on with. */
  token: string;
};

export type AuthenticateOptions = {
  keys: KeySource;
  audience: Audience;
  issuer?: string;
  /** The service that `X-Failed-Dependency` names when no key can be had. */
  keysFrom?: string;
};

/** The one family of algorithms that is accepted: a token signed with the public key as a secret cannot pass. */
const ALGORITHMS: jwt.Algorithm[] = ['RS256'];
/** 1–255 characters, none of them a control character (a line break would forge a header or a log line). */
// eslint-disable-next-line no-control-regex
const SANE_SUBJECT = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,255}$/u;
/** Without anything that cannot be seen, and nothing that an account's id or the name of a process could be. */
const SANE_EMAIL = /^(?=.{3,254}$)[^@\p{C}\p{Z}]+@[^@\p{C}\p{Z}]+$/u;
/** To ask the platform for a time zone costs more than to verify a signature. */
const knownTimeZone = remember(parseTimeZone, 2000);
const SANE_AUTHORIZATION = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/i;

/**
 * Express middleware: verifies the bearer token and keeps the `Identity` for `identityOf`.
 *
 * express-jwt verifies signature, `exp`, `nbf`, `aud` and `iss`; what it would let through is refused here: no or several
 * credentials, no `exp`, no `sub` or one that is not a short plain string, several audiences, a `crit` header.
 *
 * Errors: 401 with `WWW-Authenticate` (RFC 6750), 503 while keys cannot be had.
 */
export function authenticate(options: AuthenticateOptions): RequestHandler[] {
  const verifyToken = expressjwt({
    algorithms: ALGORITHMS,
    audience: options.audience,
    issuer: options.issuer ?? ISSUER,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requestProperty: 'verifiedClaims',
    secret: async (_req: Request, token: jwt.Jwt | undefined) => await keyFor(token?.header, options),
  });
  return [
    (req, _res, next) => {
      assertOneCredential(req);
      void verifyToken(req, _res, (error?: unknown) => next(error && toUnauthorized(error)));
    },
    (req, res, next) => {
      const claims = (req as Request & { verifiedClaims?: unknown }).verifiedClaims;
      res.locals['identity'] = identityFrom(claims, options.audience, bearerToken(req.headers.authorization ?? ''));
      next();
    },
  ];
}

/** The identity that `authenticate` kept. */
export function identityOf(res: Response): Identity {
  const identity = res.locals['identity'] as Identity | undefined;
  if (!identity) throw new Error('identityOf needs the authenticate middleware before it');
  return identity;
}

/** Express middleware after `authenticate`: one of the roles, or 403. */
export function requireRole(...roles: readonly Role[]): RequestHandler {
  return (_req, res, next) => {
    if (!identityOf(res).roles.some((role) => roles.includes(role))) {
      throw new ProblemError('forbidden', `This needs the role ${roles.join(' or ')}`);
    }
    next();
  };
}

/**
 * The same verdict outside Express (WebSocket upgrades, a tester's choice at the edge).
 *
 * @throws ProblemError 401 or 503
 */
export async function verifyAuthorization(
  authorization: string | undefined,
  options: AuthenticateOptions,
): Promise<Identity> {
  if (!authorization) throw unauthorized();
  if (!SANE_AUTHORIZATION.test(authorization)) throw unauthorized('the Authorization header is not a bearer token');
  const token = bearerToken(authorization);
  const key = await keyFor(decode(token)?.header, options);
  try {
    const claims = jwt.verify(token, key, {
      algorithms: ALGORITHMS,
      audience: options.audience,
      issuer: options.issuer ?? ISSUER,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return identityFrom(claims, options.audience, token);
  } catch (error) {
    throw toUnauthorized(error);
  }
}

/** The roles that a token claims, not verified: a cheap look before the signature. */
export function claimedRoles(authorization: string): readonly Role[] {
  const claims = decode(bearerToken(authorization))?.payload;
  return typeof claims === 'object' && claims !== null ? rolesOf(claims) : [];
}

async function keyFor(header: jwt.JwtHeader | undefined, { keys, keysFrom }: AuthenticateOptions) {
  if (!header || header.alg !== 'RS256') throw unauthorized('the token is not signed with RS256');
  if (header.crit !== undefined) throw unauthorized('the token has a crit header');
  if (typeof header.kid !== 'string' || header.kid.length > 128) throw unauthorized('the token names no key');
  const lookup = await keys.find(header.kid);
  if (lookup.kind === 'known') return lookup.key;
  if (lookup.kind === 'unknown') throw unauthorized('the token names a key that does not exist');
  throw new ProblemError('dependency-unavailable', 'The keys that verify tokens cannot be had', {
    headers: keysFrom ? { 'x-failed-dependency': keysFrom } : {},
  });
}

/** Not verified; null for what is no token. jsonwebtoken throws for some of that and returns null for the rest. */
function decode(token: string): jwt.Jwt | null {
  try {
    return jwt.decode(token, { complete: true });
  } catch {
    return null;
  }
}

function assertOneCredential(req: Request): void {
  const given = req.headersDistinct.authorization ?? [];
  if (given.length > 1) throw unauthorized('there is more than one Authorization header');
  if (given[0] && !SANE_AUTHORIZATION.test(given[0]))
    throw unauthorized('the Authorization header is not a bearer token');
}

function identityFrom(claims: unknown, audience: Audience, token: string): Identity {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw unauthorized('the token has no claims');
  }
  const { sub, exp, aud, email, zoneinfo } = claims as JwtPayload & { email?: unknown; zoneinfo?: unknown };
  if (typeof exp !== 'number') throw unauthorized('the token does not expire');
  if (aud !== audience) throw unauthorized('the token is for several audiences');
  if (typeof sub !== 'string' || !SANE_SUBJECT.test(sub)) throw unauthorized('the token has no sane sub');
  const timeZone = typeof zoneinfo === 'string' ? knownTimeZone(zoneinfo) : undefined;
  return {
    subject: sub,
    ...(typeof email === 'string' && SANE_EMAIL.test(email) && { email }),
    roles: rolesOf(claims),
    timeZone: timeZone ?? DEFAULT_TIME_ZONE,
    unknownTimeZone: zoneinfo !== undefined && timeZone === undefined,
    expiresAt: exp,
    token,
  };
}

function rolesOf(claims: object): readonly Role[] {
  const { roles } = claims as { roles?: unknown };
  return Array.isArray(roles) ? ROLES.filter((role) => roles.includes(role)) : [];
}

function toUnauthorized(error: unknown): unknown {
  if (error instanceof UnauthorizedError && error.code === 'credentials_required') return unauthorized();
  if (error instanceof UnauthorizedError || error instanceof jwt.JsonWebTokenError) {
    return unauthorized(error.message);
  }
  return error;
}

/** RFC 6750, section 3: without a token the challenge names no error. */
export function unauthorized(reason?: string): ProblemError {
  const challenge = reason
    ? `Bearer realm="fit", error="invalid_token", error_description="${reason.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ')}"`
    : 'Bearer realm="fit"';
  const detail = reason ? `The token is refused: ${reason}` : 'The request has no bearer token';
  return new ProblemError('unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}

function bearerToken(authorization: string): string {
  return authorization.slice('Bearer '.length);
}
