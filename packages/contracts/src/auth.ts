import { z } from 'zod';
import { parseTimeZone } from './calendar.ts';

/** Who issues tokens, and whom they address. */
export const ISSUER = 'fit-monolith';
export const AUDIENCES = ['fit', 'edge-admin'] as const;
export type Audience = (typeof AUDIENCES)[number];

export const ROLES = ['tester', 'viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
/** Roles that open the edge's admin API; `tester` belongs to a person's own token (`aud: fit`). */
export const ADMIN_ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

export const TOKEN_LIFETIME_SECONDS = { default: 3600, max: 86_400 } as const;
/** How far the clocks of two services may differ. */
export const CLOCK_TOLERANCE_SECONDS = 30;

const password = z.string().min(10, 'must have at least 10 characters').max(256, 'must have at most 256 characters');

/** POST /auth/register; roles are never taken. */
export const registerSchema = z
  .strictObject({
    email: z.email().max(254),
    password,
    zoneinfo: z
      .string()
      .refine((zone) => parseTimeZone(zone) !== undefined, 'must be an IANA time zone')
      .default('UTC'),
  })
  .meta({ id: 'Register' });

export const registeredSchema = z
  .strictObject({ id: z.string(), email: z.string(), zoneinfo: z.string() })
  .meta({ id: 'Registered' });

/** POST /auth/login. `roles` asks for a part of the account's roles (default: all that fit the audience). */
export const loginSchema = z
  .strictObject({
    email: z.string().min(1).max(254),
    password: z.string().min(1).max(256),
    audience: z.enum(AUDIENCES).default('fit'),
    roles: z.array(z.enum(ROLES)).min(1).optional(),
    expires_in: z
      .int()
      .min(1)
      .max(TOKEN_LIFETIME_SECONDS.max)
      .default(TOKEN_LIFETIME_SECONDS.default)
      .describe('seconds'),
  })
  .meta({ id: 'Login' });

export const tokenSchema = z
  .strictObject({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int().positive() })
  .meta({ id: 'Token' });
export type Token = z.infer<typeof tokenSchema>;

/** GET /.well-known/jwks.json (RFC 7517), RSA signature keys only. */
export const jwksSchema = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('RSA'),
        kid: z.string().min(1),
        use: z.literal('sig'),
        alg: z.literal('RS256'),
        n: z.string(),
        e: z.string(),
      }),
    ),
  })
  .meta({ id: 'Jwks' });
export type Jwks = z.infer<typeof jwksSchema>;
