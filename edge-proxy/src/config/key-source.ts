import { z } from 'zod';
import { passesUntouched } from '../domain/header-names.ts';
import type { KeyPlace } from '../domain/key-place.ts';

/** Nginx ignores every other name (`ignore_invalid_headers`, `underscores_in_headers`), and it must find the same key. */
const HEADER_NAME = /^[a-z0-9-]{1,64}$/i;
/** RFC 6265, section 4.1.1: a token of RFC 9110, section 5.6.2. */
const COOKIE_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/i;

const claimName = z
  .string()
  .refine((name) => name.length >= 1 && name.length <= 64, 'must be the name of a claim, 1 to 64 characters long')
  .meta({ description: 'Claim of the bearer token.', examples: ['sub'] });

const headerName = z
  .string()
  .refine((name) => HEADER_NAME.test(name), 'must be 1 to 64 letters, digits and dashes: other names do not pass Nginx')
  .refine(
    (name) => !HEADER_NAME.test(name) || passesUntouched(name.toLowerCase()),
    'must be a header that servers behind see as the client sent it: the edge drops or sets this one',
  )
  .toLowerCase()
  .meta({ description: 'Header of the request.', examples: ['X-Tenant'] });

const cookieName = z
  .string()
  .refine(
    (name) => COOKIE_NAME.test(name),
    "must be the name of a cookie, 1 to 64 letters, digits or any of !#$%&'*+-.^_`|~",
  )
  .meta({ description: 'Cookie of the request.', examples: ['session'] });

/** `{claim: NAME}`, `{header: NAME}` or `{cookie: NAME}`. */
export const keySourceSchema = z
  .union(
    [
      z.strictObject({ claim: claimName }),
      z.strictObject({ header: headerName }),
      z.strictObject({ cookie: cookieName }),
    ],
    'must be one of claim, header or cookie, with its name',
  )
  .meta({ examples: [{ claim: 'sub' }, { header: 'X-Tenant' }, { cookie: 'session' }] })
  .transform(placeOf);

function placeOf(source: { claim: string } | { header: string } | { cookie: string }): KeyPlace {
  if ('claim' in source) return { from: 'claim', name: source.claim };
  return 'header' in source ? { from: 'header', name: source.header } : { from: 'cookie', name: source.cookie };
}
