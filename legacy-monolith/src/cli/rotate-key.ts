import { rotateSigningKeys } from '../auth/signing-key-store.ts';
import { UsageError, runCommand, withDatabase } from './command.ts';

const USAGE = `Usage: node legacy-monolith/src/cli/rotate-key.ts
  Makes a new signing key at once. It is published now and signs after two minutes; tokens of the old one stay valid.`;

await runCommand(async (args) => {
  if (args.length > 0) throw new UsageError(USAGE);
  const key = await withDatabase((db) => rotateSigningKeys(db, new Date()));
  process.stdout.write(`key ${key?.kid} signs from ${key?.signsFrom.toISOString()}\n`);
});
