import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/** Another process owns the folder. */
export class FolderInUseError extends StartError {
  constructor(folder: string, owner: string, cause: unknown) {
    super('folder-in-use', `${folder} is in use by ${owner}; two processes on one folder would lose data`, { cause });
    this.name = 'FolderInUseError';
  }
}

/** A lock that nothing refers to would be collected as garbage, and the folder be free with it. */
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only owner of a data folder until `release` or its end, however it ends.
 *
 * The lock is the one that SQLite takes on a file: the operating system frees it with the process, and it holds between
 * containers that share a volume, where process ids mean nothing.
 *
 * @throws FolderInUseError at once if another process has it
 */
export function lockFolder(folder: string): { release: () => void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ownerFile = join(folder, 'owner');
  const lock = new DatabaseSync(join(folder, 'lock'));
  try {
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new FolderInUseError(folder, readOwner(ownerFile), cause);
  }
  held.add(lock);
  noteOwner(ownerFile);
  return {
    release: () => {
      held.delete(lock);
      lock.close();
    },
  };
}

/** For the message that a second process prints; a full disk must not keep the first one from starting. */
function noteOwner(ownerFile: string): void {
  try {
    writeFileSync(ownerFile, `process ${process.pid}\n`);
  } catch {
    rmSync(ownerFile, { force: true });
  }
}

function readOwner(ownerFile: string): string {
  try {
    return readFileSync(ownerFile, 'utf8').trim();
  } catch {
    return 'another process';
  }
}
