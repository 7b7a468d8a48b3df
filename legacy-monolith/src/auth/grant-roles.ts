import { ADMIN_ROLES } from '@fit/contracts/auth';
import type { Audience, Role } from '@fit/contracts/auth';

export type RoleRequest = {
  /** The account's roles. */
  held: readonly Role[];
  audience: Audience;
  /** The part that is asked for; absent: all that fit the audience. */
  requested?: readonly Role[] | undefined;
};

export type RoleGrant = { kind: 'granted'; roles: Role[] } | { kind: 'refused'; reason: string };

const ROLES_OF: Record<Audience, readonly Role[]> = { fit: ['tester'], 'edge-admin': ADMIN_ROLES };

/** Which roles a token carries. A token that operates the edge needs at least one. */
export function grantRoles({ held, audience, requested }: RoleRequest): RoleGrant {
  const fitting = ROLES_OF[audience];
  const unfit = requested?.find((role) => !fitting.includes(role));
  if (unfit) return { kind: 'refused', reason: `The role ${unfit} does not belong into a token for ${audience}` };
  const missing = requested?.find((role) => !held.includes(role));
  if (missing) return { kind: 'refused', reason: `The account does not have the role ${missing}` };

  const roles = fitting.filter((role) => (requested ?? held).includes(role));
  if (audience === 'edge-admin' && roles.length === 0) {
    return { kind: 'refused', reason: `A token for edge-admin needs one of the roles ${ADMIN_ROLES.join(', ')}` };
  }
  return { kind: 'granted', roles };
}
