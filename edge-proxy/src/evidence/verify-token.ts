import { verifyAuthorization } from '@fit/service-kit/authenticate';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import { ProblemError } from '@fit/service-kit/problem';

/**
 * What is known of a token. `genuine`: until `expiresAt`, seconds since the epoch. `false`: refuted by a key that is known,
 * or out of date by its own words. `foreign`: not of those that this edge can verify, though others may. `unavailable`: the
 * key set cannot be had. `reason` has nothing of the token in it.
 */
export type TokenVerdict =
  | { readonly kind: 'genuine'; readonly expiresAt: number }
  | { readonly kind: 'false' }
  | { readonly kind: 'foreign' | 'unavailable'; readonly reason: string };

/** @param now milliseconds since the epoch */
export async function verifyToken(
  authorization: string,
  options: AuthenticateOptions,
  now: number,
): Promise<TokenVerdict> {
  try {
    const { expiresAt } = await verifyAuthorization(authorization, options);
    return { kind: 'genuine', expiresAt };
  } catch (error) {
    if (!(error instanceof ProblemError)) return { kind: 'foreign', reason: 'the token cannot be read' };
    const reason = error.message;
    if (error.status === 503) return { kind: 'unavailable', reason };
    // In these words jsonwebtoken says so.
    const isFalse = reason.endsWith('invalid signature') || expiryOf(authorization) * 1000 <= now;
    return isFalse ? { kind: 'false' } : { kind: 'foreign', reason };
  }
}

/** Seconds since the epoch, as the token itself has it; Infinity if it does not say. */
function expiryOf(authorization: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString());
    const { exp } = claims as { exp?: unknown };
    return typeof exp === 'number' ? exp : Infinity;
  } catch {
    return Infinity;
  }
}
