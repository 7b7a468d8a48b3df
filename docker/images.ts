import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { imageVersion } from './image-version.ts';

/** `npm run images`: builds every image under a tag that names its commit, and says which; arguments go to `build`. */
const ROOT = join(import.meta.dirname, '..');
const version = imageVersion(ROOT);
const isV2 = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
const [file, first] = isV2 ? ['docker', ['compose']] : ['docker-compose', []];
const build = [...first, '--profile', 'load', 'build', ...process.argv.slice(2)];
const { status } = spawnSync(file, build, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...version } });
if (status === 0)
  process.stdout.write(
    `Built as ${version.FIT_VERSION}; FIT_VERSION=${version.FIT_VERSION} docker compose up starts it\n`,
  );
process.exitCode = status ?? 1;
