import { authenticate, identityOf } from '@fit/service-kit/authenticate';
import type { KeySource } from '@fit/service-kit/jwks';
import { ProblemError } from '@fit/service-kit/problem';
import type { RequestHandler, Response } from 'express';
import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';
import { z } from 'zod';

/** The person behind a request. */
export type Caller = { userId: string; timeZone: string };

/** Middleware that lets only a person's token pass (`aud: fit`), and counts those with a time zone that nobody knows. */
export function authenticatePerson(keys: KeySource, registry: Registry): RequestHandler[] {
  const unknownZones = new Counter({
    name: 'fit_unknown_time_zone_total',
    help: 'Requests whose token names a time zone that does not exist; UTC was taken.',
    registers: [registry],
  });
  const countUnknownZone: RequestHandler = (_req, res, next) => {
    if (identityOf(res).unknownTimeZone) unknownZones.inc();
    next();
  };
  return [...authenticate({ keys, audience: 'fit' }), countUnknownZone];
}

/** The caller, after `authenticatePerson`. Errors: 401 if the token's subject cannot be an account of ours. */
export function callerOf(res: Response): Caller {
  const { subject, timeZone } = identityOf(res);
  if (!z.guid().safeParse(subject).success) throw noSuchAccount();
  return { userId: subject, timeZone };
}

/** 401 for a good token whose account is gone. */
export function noSuchAccount(): ProblemError {
  return new ProblemError('unauthorized', 'The token is for an account that does not exist', {
    headers: { 'www-authenticate': 'Bearer realm="fit", error="invalid_token"' },
  });
}
