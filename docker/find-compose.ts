import { spawnSync } from 'node:child_process';

/**
 * `docker compose` (v2), or docker-compose (1.29) where that is all there is: a program and its first arguments.
 *
 * @throws Error if neither is installed, or no Docker daemon answers
 */
export function findCompose(): readonly [string, ...string[]] {
  if (!works('docker', 'info')) throw new Error('No Docker daemon answers (docker info)');
  if (works('docker', 'compose', 'version')) return ['docker', 'compose'];
  if (works('docker-compose', 'version')) return ['docker-compose'];
  throw new Error('Neither `docker compose` nor docker-compose is installed');
}

function works(file: string, ...args: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}
