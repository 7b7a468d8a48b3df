import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROLES, TOKEN_LIFETIME_SECONDS } from '@fit/contracts/auth';
import { DEMO_OPERATOR, DEMO_USER, logIn } from './stack/log-in.ts';
import type { Login } from './stack/log-in.ts';
import { ROOT, describeStack } from './stack/services.ts';
import { readStackFile } from './stack/stack-file.ts';

const USAGE = `npm run token -- [--user EMAIL] [--role ROLE] [--expires SECONDS] [--url URL]

Prints a bearer token, got by a real login through the edge.

  --user EMAIL       whose (default: the demo user; with --role the demo operator)
  --role ROLE        ${ROLES.join(', ')}: a token that carries it
                     (all but tester: for the edge's admin API)
  --expires SECONDS  1 to ${TOKEN_LIFETIME_SECONDS.max} (default: ${TOKEN_LIFETIME_SECONDS.default})
  --url URL          where to log in (default: the running stack, else http://127.0.0.1:8080)

The password comes from DEMO_PASSWORD, and is that of the demo accounts if it is not set.`;

class UsageError extends Error {}

try {
  process.stdout.write(`${await logIn(readArguments())}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

function readArguments(): Login {
  const { values } = parseOrExplain();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const role = ROLES.find((each) => each === values.role);
  if (values.role !== undefined && !role) {
    throw new UsageError(`--role must be one of ${ROLES.join(', ')}, received ${JSON.stringify(values.role)}`);
  }
  const expiresIn = Number(values.expires ?? TOKEN_LIFETIME_SECONDS.default);
  if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > TOKEN_LIFETIME_SECONDS.max) {
    throw new UsageError(
      `--expires must be seconds from 1 to ${TOKEN_LIFETIME_SECONDS.max}, received ${JSON.stringify(values.expires)}`,
    );
  }
  const dataDir = process.env['FIT_DATA_DIR'] ?? join(ROOT, '.data');
  const url = values.url ?? (readStackFile(dataDir) ?? describeStack(process.env).urls).edge;
  if (!URL.canParse(url)) throw new UsageError(`--url must be a URL, received ${JSON.stringify(url)}`);
  return { url, email: values.user ?? (role ? DEMO_OPERATOR : DEMO_USER), role, expiresIn };
}

function parseOrExplain() {
  const text = { type: 'string' } as const;
  try {
    const options = {
      user: text,
      role: text,
      expires: text,
      url: text,
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}
