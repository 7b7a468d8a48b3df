import { open } from 'node:fs/promises';

/** A new file's name lives in its folder, which has a disk cache of its own. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
