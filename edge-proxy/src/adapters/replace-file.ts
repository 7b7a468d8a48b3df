import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/**
 * Writes a file anew, beside the one that is there, and then puts it in its place, so that a crash at any moment leaves the
 * one or the other. On disk before it resolves. Its folder is made if absent, both for their owner alone.
 */
export async function replaceFile(path: string, text: string, openFile: typeof open = open): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  await write(beside, text, openFile);
  await rename(beside, path);
  await syncFolder(folder);
}

async function write(path: string, text: string, openFile: typeof open): Promise<void> {
  const handle = await openFile(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
