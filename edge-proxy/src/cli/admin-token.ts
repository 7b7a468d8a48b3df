import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandError, EXIT } from './exit-code.ts';

export const HOW_TO_GET_A_TOKEN = 'export EDGE_ADMIN_TOKEN=$(npm run -s token -- --role operator)';

/** Three parts of base64url (RFC 7515, section 7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** What `npm start` makes: 256 random bits. */
const LOCAL_TOKEN = /^fit_admin_[\w-]{43}$/;
const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Group and others may do nothing. */
const OTHERS = 0o077;

export type TokenOptions = { tokenFile?: string | undefined; url: string; env: NodeJS.ProcessEnv };

/**
 * The bearer token: of the file that was named, else of `EDGE_ADMIN_TOKEN`, else the one that `npm start` left on this
 * machine, which only an edge on this machine gets to see.
 *
 * @throws CommandError
 */
export async function findToken({ tokenFile, url, env }: TokenOptions): Promise<string> {
  const given = tokenFile ? await readToken(tokenFile) : env['EDGE_ADMIN_TOKEN']?.trim();
  const token = given || (isLoopback(url) ? await readLocalToken(env) : undefined);
  if (!token) {
    throw new CommandError(
      EXIT.usage,
      `no token. npm start makes one for this machine; for other edges: ${HOW_TO_GET_A_TOKEN}`,
    );
  }
  if (JWT.test(token) || LOCAL_TOKEN.test(token)) return token;
  throw new CommandError(
    EXIT.usage,
    `the token is neither a JWT nor one that npm start made. Get one: ${HOW_TO_GET_A_TOKEN}`,
  );
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

async function readLocalToken(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = env['FIT_DATA_DIR'] || '.data';
  for (const file of new Set([resolve(folder, 'admin-token'), resolve(ROOT, folder, 'admin-token')])) {
    const mode = await modeOf(file);
    if (mode === undefined) continue;
    if ((mode & OTHERS) === 0) return await readToken(file);
    const message = `${file} is not used: others on this machine may read it. If none did: chmod 600 ${file}`;
    throw new CommandError(EXIT.usage, message);
  }
  return undefined;
}

async function modeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mode;
  } catch {
    return undefined;
  }
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CommandError(EXIT.usage, `the token file cannot be read: ${(cause as Error).message}`, { cause });
  }
}
