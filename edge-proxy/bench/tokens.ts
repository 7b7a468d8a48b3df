import { randomBytes } from 'node:crypto';

/** So many users that a cache of tokens, if anything had one, would not hold them all by chance. */
export const USERS = 10_000;

/**
 * Tokens as an issuer makes them, some 650 bytes each, one for each user. The signature is random: of those whom the
 * bench measures none verifies it.
 */
export function makeTokens(count = USERS, now = Math.floor(Date.now() / 1000)): string[] {
  const header = part({ alg: 'RS256', typ: 'JWT', kid: 'bench' });
  return Array.from({ length: count }, (_, user) => {
    const claims = {
      iss: 'fit-monolith',
      aud: 'fit',
      sub: `user-${user}`,
      iat: now,
      exp: now + 86_400,
      roles: ['user'],
    };
    return `${header}.${part({ ...claims, zoneinfo: 'Europe/Berlin' })}.${randomBytes(256).toString('base64url')}`;
  });
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
