import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '@fit/service-kit/start-error';
import { NGINX, NGINX_ENV } from './find-nginx.ts';
import { servedRevision } from './served-revision.ts';
import type { NginxFolder } from './settings.ts';

export const CONFIGURATION_FILE = 'nginx.conf';

const READY_TIMEOUT_MS = 10_000;
/** Longer than the edge's deadline for a request (12 s), shorter than a service of ours has to drain (15 s). */
const QUIT_TIMEOUT_MS = 13_000;

/** A running Nginx with the configuration of its folder. What it has to say goes to standard error. */
export type NginxProcess = {
  /** Resolves once it has ended. */
  ended: Promise<void>;
  /** Lets what is under way finish. */
  quit: () => Promise<void>;
};

/**
 * Starts Nginx in the foreground.
 *
 * @throws StartError if the folder has no configuration, or Nginx does not come up with it
 */
export async function startNginx(place: NginxFolder): Promise<NginxProcess> {
  const file = join(place.folder, CONFIGURATION_FILE);
  if (!existsSync(file)) {
    throw new StartError('no-configuration', `There is no ${file}; make it with: edgectl nginx render --out ${file}`);
  }
  const fault = faultOf(place.folder, CONFIGURATION_FILE);
  if (fault !== undefined) throw new StartError('bad-configuration', `nginx refuses ${file}:\n${fault}`);
  const child = spawn(NGINX, nginxArguments(place.folder, CONFIGURATION_FILE, 'daemon off;'), {
    env: NGINX_ENV,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const endWithMe = () => child.kill('SIGTERM');
  process.once('exit', endWithMe);
  const ended = endOf(child).finally(() => process.off('exit', endWithMe));
  await untilServing(place, child, ended);
  return { ended, quit: async () => await quit(child, ended) };
}

/** What `nginx -t` has against a configuration; undefined if nothing. */
export function faultOf(folder: string, file: string): string | undefined {
  const { error, status, stderr } = spawnSync(NGINX, ['-t', '-q', ...nginxArguments(folder, file)], {
    env: NGINX_ENV,
    encoding: 'utf8',
  });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim();
}

/** Started by root, the workers stay root: only then can they read a folder of root's. */
export function nginxArguments(folder: string, file: string, directives = ''): string[] {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const globals = `${directives} ${user}`.trim();
  return ['-p', folder, '-c', file, '-e', 'stderr', ...(globals ? ['-g', globals] : [])];
}

/** The process id of the folder's master; undefined if there is none. */
export function runningPid(folder: string): number | undefined {
  try {
    const [, pid] = /^([1-9]\d*)\s*$/.exec(readFileSync(join(folder, 'nginx.pid'), 'utf8')) ?? [];
    return pid !== undefined && isNginx(Number(pid)) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** The number may be another process's by now. Where processes cannot be looked at, that it runs must do. */
function isNginx(pid: number): boolean {
  process.kill(pid, 0);
  if (!existsSync('/proc/self/cmdline')) return true;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('nginx');
}

/** Lets what is under way finish, but does not wait for live connections for ever. */
async function quit(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGQUIT');
  const timer = setTimeout(() => child.kill('SIGTERM'), QUIT_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}

async function endOf(child: ChildProcess): Promise<void> {
  try {
    await once(child, 'exit');
  } catch (cause) {
    throw new StartError('no-nginx', `nginx cannot be started: ${(cause as Error).message}`, { cause });
  }
}

async function untilServing(place: NginxFolder, child: ChildProcess, ended: Promise<void>): Promise<void> {
  const configuration = readFileSync(join(place.folder, CONFIGURATION_FILE), 'utf8');
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const served = await Promise.race([servedRevision(place.settings), ended.then(() => 'ended' as const)]);
    if (served === 'ended') throw new StartError('nginx-ended', 'nginx did not start; it says why above');
    // Another Nginx may have the port.
    if (served !== undefined && configuration.includes(served)) return;
    await delay(50);
  }
  child.kill('SIGTERM');
  throw new StartError('nginx-silent', `nginx did not answer within ${READY_TIMEOUT_MS / 1000} s`);
}
