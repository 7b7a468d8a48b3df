import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const HERE = import.meta.dirname;
/** What the admin listener serves at `/`. */
const DASHBOARD_DIST = join(HERE, 'dist');
const SOURCES = ['index.html', 'src', 'build.ts', 'package.json', 'tsconfig.bundle.json'].map((name) =>
  join(HERE, name),
);

/** Builds the page unless what was built is newer than every source of it. */
export async function ensureDashboard(): Promise<void> {
  if (!(await isCurrent())) await buildDashboard();
}

/**
 * Builds the page. It is made beside the old one and put in its place whole, so that an edge never serves half a page.
 *
 * @throws Error naming the file and line that does not build
 */
export async function buildDashboard(): Promise<void> {
  const { build } = await import('vite');
  const made = join(HERE, `dist.${process.pid}`);
  try {
    await build({
      configFile: false,
      root: HERE,
      // Relative, for an edge behind a proxy that gives it a path of its own.
      base: './',
      logLevel: 'error',
      // One that extends nothing: in an image this folder stands alone.
      tsconfig: join(HERE, 'tsconfig.bundle.json'),
      build: {
        outDir: made,
        emptyOutDir: true,
        target: 'es2022',
        modulePreload: { polyfill: false },
        // The content security policy has no place for inlined files.
        assetsInlineLimit: 0,
        reportCompressedSize: false,
      },
    });
    await rm(DASHBOARD_DIST, { recursive: true, force: true });
    await rename(made, DASHBOARD_DIST);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function isCurrent(): Promise<boolean> {
  const built = join(DASHBOARD_DIST, 'index.html');
  if (!existsSync(built)) return false;
  const builtAt = (await stat(built)).mtimeMs;
  const changedAt = await Promise.all(SOURCES.map(newestIn));
  return changedAt.every((at) => at < builtAt);
}

/** When the file, or the newest file in the folder, was changed; milliseconds since the epoch. */
async function newestIn(path: string): Promise<number> {
  const own = await stat(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const names = await readdir(path);
  const below = await Promise.all(names.map((name) => newestIn(join(path, name))));
  return Math.max(own.mtimeMs, ...below);
}
