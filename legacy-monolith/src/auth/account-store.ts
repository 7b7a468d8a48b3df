import type { Role } from '@fit/contracts/auth';
import { sql } from 'kysely';
import type { Database, User } from '../db/schema.ts';

export type Account = User & { roles: Role[] };

export type NewAccount = { email: string; passwordHash: string; zoneinfo: string };

/** E-mail addresses are compared in lower case, everywhere. */
export function normaliseEmail(email: string): string {
  return email.toLowerCase();
}

/** One query, whether there is such an account or not: its time must not tell. */
export async function findAccount(db: Database, email: string): Promise<Account | undefined> {
  return await db
    .selectFrom('users')
    .selectAll()
    .select(sql<Role[]>`array(select role from user_roles where user_id = users.id order by role)`.as('roles'))
    .where('email', '=', normaliseEmail(email))
    .executeTakeFirst();
}

/** @returns the new account's id; undefined if there is one with that e-mail */
export async function insertAccount(db: Database, account: NewAccount): Promise<string | undefined> {
  const inserted = await db
    .insertInto('users')
    .values({
      email: normaliseEmail(account.email),
      password_hash: account.passwordHash,
      zoneinfo: account.zoneinfo,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted?.id;
}

/** @returns whether the account did not have the role before */
export async function grantRole(db: Database, userId: string, role: Role): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('user_roles')
    .values({ user_id: userId, role })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
