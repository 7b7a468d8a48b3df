import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findCompose } from './find-compose.ts';
import { imageVersion } from './image-version.ts';

/** `npm run images`: builds every image under a tag that names its commit, and says which; arguments go to `build`. */
const ROOT = join(import.meta.dirname, '..');
const version = imageVersion(ROOT);

try {
  const [file, ...first] = findCompose();
  const build = [...first, '--profile', 'load', 'build', ...process.argv.slice(2)];
  const { status } = spawnSync(file, build, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...version } });
  const { FIT_VERSION: tag } = version;
  if (status === 0) process.stdout.write(`Built as ${tag}; FIT_VERSION=${tag} docker compose up starts it\n`);
  process.exitCode = status ?? 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
