import { ROLES } from '@fit/contracts/auth';
import type { Role } from '@fit/contracts/auth';
import { findAccount, grantRole } from '../auth/account-store.ts';
import { CommandError, UsageError, runCommand, withDatabase } from './command.ts';

const USAGE = `Usage: node legacy-monolith/src/cli/grant-role.ts EMAIL ROLE
  ROLE is one of ${ROLES.join(', ')}. It is in the account's next token.`;

await runCommand(async ([email, role, ...rest]) => {
  if (email === undefined || !isRole(role) || rest.length > 0) throw new UsageError(USAGE);
  const isNew = await withDatabase(async (db) => {
    const account = await findAccount(db, email);
    if (!account) throw new CommandError(`There is no account ${email}; register it first`);
    return await grantRole(db, account.id, role);
  });
  process.stdout.write(isNew ? `${email} has the role ${role} now\n` : `${email} had the role ${role} already\n`);
});

function isRole(text: string | undefined): text is Role {
  return ROLES.some((role) => role === text);
}
