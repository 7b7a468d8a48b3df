import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What docker-compose.yml takes its images' tags and labels from. */
export type ImageVersion = { FIT_VERSION: string; FIT_REVISION: string };

/**
 * The same for the same sources: the package's version and the commit, `0.1.0-1a2b3c4`, with `-dirty` behind it where the
 * working tree differs; the version alone outside of a Git checkout.
 *
 * @param folder the root of the repository
 */
export function imageVersion(folder: string): ImageVersion {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const commit = git(folder, 'rev-parse', 'HEAD');
  if (commit === undefined) return { FIT_VERSION: version, FIT_REVISION: 'unknown' };
  const mark = git(folder, 'status', '--porcelain') === '' ? '' : '-dirty';
  return { FIT_VERSION: `${version}-${commit.slice(0, 7)}${mark}`, FIT_REVISION: `${commit}${mark}` };
}

function git(folder: string, ...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
