import { randomBytes } from 'node:crypto';
import type { Token, loginSchema } from '@fit/contracts/auth';
import { ProblemError } from '@fit/service-kit/problem';
import { z } from 'zod';
import type { Database } from '../db/schema.ts';
import { findAccount, normaliseEmail } from './account-store.ts';
import type { Account } from './account-store.ts';
import type { LoginLimits } from './auth-limits.ts';
import { grantRoles } from './grant-roles.ts';
import { issueToken } from './issue-token.ts';
import type { PasswordHasher, PasswordSlots } from './password-hasher.ts';
import type { SigningKeys } from './signing-keys.ts';

export type LoginContext = {
  db: Database;
  hasher: PasswordHasher;
  slots: PasswordSlots;
  limits: LoginLimits;
  keys: SigningKeys;
  now: () => Date;
};

type Login = z.output<typeof loginSchema>;

/**
 * A use case: e-mail and password for an access token.
 *
 * An unknown account takes the same steps as a wrong password, a hash of the same cost verified among them, so that
 * neither the answer nor its time tells which accounts exist.
 */
export function createLogIn(context: LoginContext): (login: Login, address: string) => Promise<Token> {
  const { db, hasher, slots, limits, keys, now } = context;
  const decoy = hasher.hash(randomBytes(24).toString('base64'));

  async function verified(login: Login, address: string): Promise<Account> {
    const attempt = { account: normaliseEmail(login.email), address };
    await limits.assertOpen(attempt);
    return await slots.run(async () => {
      // Charged in the slot: no more attempts than there are slots are charged and undecided at a time, so that many
      // good logins at once do not use the limit up.
      const refund = await limits.charge(attempt);
      const account = isEmail(login.email) ? await findAccount(db, login.email) : undefined;
      const isRight = await hasher.verify(account?.password_hash ?? (await decoy), login.password);
      if (!account || !isRight) throw invalidCredentials();
      await refund();
      return account;
    });
  }

  return async (login, address) => {
    const account = await verified(login, address);
    const grant = grantRoles({ held: account.roles, audience: login.audience, requested: login.roles });
    if (grant.kind === 'refused') throw new ProblemError('forbidden', grant.reason);
    const request = {
      userId: account.id,
      email: account.email,
      zoneinfo: account.zoneinfo,
      audience: login.audience,
      roles: grant.roles,
      expiresInSeconds: login.expires_in,
    };
    return issueToken(request, keys.signer(), now());
  };
}

/** What is no e-mail address cannot be an account's (a NUL character would even be an error to PostgreSQL). */
function isEmail(text: string): boolean {
  return z.email().safeParse(text).success;
}

function invalidCredentials(): ProblemError {
  return new ProblemError('invalid-credentials', 'The e-mail or the password is wrong', {
    headers: { 'www-authenticate': 'Bearer realm="fit"' },
  });
}
