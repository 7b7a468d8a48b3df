import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FolderInUseError, lockFolder } from './exclusive-lock.ts';

const LOCK_AND_STAY = `
  import { lockFolder } from '${new URL('exclusive-lock.ts', import.meta.url).href}';
  lockFolder(process.argv[1]);
  globalThis.gc();
  process.send('locked');
  process.on('disconnect', () => process.exit());
`;

let folder = '';
const owners: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exclusive-lock-'));
});
afterEach(async () => {
  await Promise.all(owners.splice(0).map(killed));
  rmSync(folder, { recursive: true });
});

test('a folder is made, locked, and free again after release', () => {
  const nested = join(folder, 'made', 'here');
  lockFolder(nested).release();
  lockFolder(nested).release();
});

test('a second owner in the same process is refused', () => {
  const { release } = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(FolderInUseError);
  release();
});

test('a second process is refused and told of the first, even killed the first frees it', async () => {
  const owner = await otherOwner();
  expect(() => lockFolder(folder)).toThrow(`${folder} is in use by process ${owner.pid}`);
  await killed(owner);
  lockFolder(folder).release();
});

/** Keeps the folder without keeping what `lockFolder` returns, and after a collection of garbage. */
async function otherOwner() {
  const args = [
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    LOCK_AND_STAY,
    folder,
  ];
  const owner = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  owners.push(owner);
  await once(owner, 'message');
  return owner;
}

async function killed(owner: ChildProcess): Promise<void> {
  if (owner.exitCode !== null || owner.signalCode !== null) return;
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
}
