import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

const PGLITE_VERSION = manifest.dependencies['@electric-sql/pglite'];

/** Named after what makes it: another PGlite makes another one. */
const TEMPLATE = join(tmpdir(), `fit-pglite-template-${PGLITE_VERSION}`);

/** Puts an empty PGlite into a monolith's data folder. Making one takes seconds, so it is made once and copied. */
export async function putEmptyDatabase(dataDir: string): Promise<void> {
  if (!(await isThere(TEMPLATE))) await createTemplate();
  await cp(TEMPLATE, join(dataDir, 'pglite'), { recursive: true });
}

/** Made aside and then renamed: of two workers that make it at once, one is first. */
async function createTemplate(): Promise<void> {
  // Seldom needed, and slow to load.
  const { PGlite } = await import('@electric-sql/pglite');
  const aside = await mkdtemp(`${TEMPLATE}-`);
  const database = await PGlite.create({ dataDir: aside });
  await database.close();
  await rename(aside, TEMPLATE).catch(async () => await rm(aside, { recursive: true }));
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
