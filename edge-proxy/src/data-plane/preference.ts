import { claimedRoles, verifyAuthorization } from '@fit/service-kit/authenticate';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import type { Side } from '../domain/split.ts';
import type { RequestHead } from './request-head.ts';
import type { Route } from './routing.ts';

/**
 * The side that a tester chose with `X-Edge-Prefer: <upstream>`. The role is looked at first, so that a stranger's header
 * costs no signature check.
 *
 * @returns undefined if the request is not a tester's or names neither side
 */
export async function preferredSide(
  route: Route,
  head: RequestHead,
  options: AuthenticateOptions,
): Promise<Side | undefined> {
  const side = (['old', 'new'] as const).find((each) => route.sides[each].name === head.prefer);
  const { authorization } = head;
  if (side === undefined || !authorization || !claimedRoles(authorization).includes('tester')) return undefined;
  try {
    const { roles } = await verifyAuthorization(authorization, options);
    return roles.includes('tester') ? side : undefined;
  } catch {
    return undefined;
  }
}
