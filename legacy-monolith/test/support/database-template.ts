import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PGliteDialect } from 'kysely';
import manifest from '../../package.json' with { type: 'json' };
import { migrate } from '../../src/db/migrate.ts';
import type { Schema } from '../../src/db/schema.ts';
import { readSeedCatalogue, seedCatalogue } from '../../src/seed/seed-catalogue.ts';

/** `seeded`: migrated, with the catalogue that every monolith begins with. */
export type DatabaseContent = 'empty' | 'seeded';

const PGLITE_VERSION = manifest.dependencies['@electric-sql/pglite'];
const MONOLITH = join(import.meta.dirname, '..', '..');
/** What decides what is in a seeded one. */
const SEEDED_BY = ['seed', 'src/db', 'src/exercises', 'src/seed'];

/** Puts a PGlite into a monolith's data folder. Making one takes seconds, so each kind is made once and copied. */
export async function putDatabase(dataDir: string, content: DatabaseContent): Promise<void> {
  const template = templateOf(content);
  if (!(await isThere(template))) await createTemplate(content, template);
  await cp(template, join(dataDir, 'pglite'), { recursive: true });
}

/** Named after what makes it: another PGlite, or another catalogue, makes another one. */
function templateOf(content: DatabaseContent): string {
  const name = content === 'empty' ? PGLITE_VERSION : `${PGLITE_VERSION}-${digestOf(SEEDED_BY)}`;
  return join(tmpdir(), `fit-pglite-template-${name}`);
}

function digestOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  const files = folders.flatMap((folder) =>
    readdirSync(join(MONOLITH, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)),
  );
  for (const file of files.sort()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Made aside and then renamed: of two workers that make it at once, one is first. */
async function createTemplate(content: DatabaseContent, template: string): Promise<void> {
  const aside = await mkdtemp(`${template}-`);
  const database = join(aside, 'pglite');
  if (content === 'seeded') await putDatabase(aside, 'empty');
  await fill(database, content);
  await rename(database, template).catch(() => undefined);
  await rm(aside, { recursive: true });
}

async function fill(dataDir: string, content: DatabaseContent): Promise<void> {
  // Seldom needed, and slow to load.
  const { PGlite } = await import('@electric-sql/pglite');
  const pglite = await PGlite.create({ dataDir });
  if (content === 'seeded') {
    const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) });
    await migrate(db);
    await seedCatalogue(db, readSeedCatalogue());
    await db.destroy();
  }
  if (!pglite.closed) await pglite.close();
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
