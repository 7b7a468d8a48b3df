import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartError } from './start-error.ts';

/** Opens the admin API of an edge to whoever may read the file that it is in: 256 random bits. */
export const ADMIN_TOKEN = /^fit_admin_[A-Za-z0-9_-]{43}$/;

/** Longer than a token with a line break, so that anything else is told by its length. */
const READ_BYTES = 64;
const ACCESS_OF_OTHERS = 0o077;

/** @throws StartError naming the file and the rule if it is missing, open to others, or anything but a token */
export function readAdminToken(file: string): string {
  const { mode, text } = read(file);
  // Windows has no such bits.
  if (process.platform !== 'win32' && (mode & ACCESS_OF_OTHERS) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    throw refused(file, `must be readable by its owner alone (chmod 600), its mode is ${octal}`);
  }
  const token = text.trimEnd();
  if (!ADMIN_TOKEN.test(token)) {
    throw refused(file, 'must hold one line of fit_admin_ and 43 letters, digits, dashes and underscores');
  }
  return token;
}

/**
 * The token in a file, made where there is none or one that must not be trusted, such as one that others could read. The
 * file appears whole, and for its owner alone.
 */
export function ensureAdminToken(file: string): string {
  try {
    return readAdminToken(file);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
  }
  const token = `fit_admin_${randomBytes(32).toString('base64url')}`;
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${token}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(unfinished, file);
  return token;
}

/** Mode and content of one and the same file, whatever is put in its place meanwhile. */
function read(file: string): { mode: number; text: string } {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw refused(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw refused(file, 'must be a file');
    const bytes = Buffer.alloc(READ_BYTES);
    const length = readSync(descriptor, bytes);
    return { mode: stats.mode, text: bytes.toString('latin1', 0, length) };
  } finally {
    closeSync(descriptor);
  }
}

function refused(file: string, rule: string, cause?: unknown): StartError {
  return new StartError('bad-admin-token', `The admin token file ${file} ${rule}`, { cause });
}
