import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@fit/test-kit/free-port';
import { Pool } from 'undici';
import { runProgram, startServer, stopChild } from '../bench/children.ts';
import { cpuNanosOf } from '../bench/process-usage.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
/** No process has a core of its own: CPU time is what counts here. */
export const ALL_CORES = `0-${availableParallelism() - 1}`;
const START_WITHIN_MS = 60_000;

/** A server of the bench: it ends with the bench. */
export type Started = { pid: number; url: string; logFile: string; stop: () => void };

/** A process of this repository by its own `main.ts`, on a free port. Its log goes to a file. */
export async function startService(
  workspace: 'legacy-monolith' | 'coach-service' | 'edge-proxy',
  { folder, env }: { folder: string; env: Record<string, string> },
): Promise<Started> {
  const port = await freePort();
  const logFile = join(folder, `${workspace}-${port}.log`);
  const dataDir = join(folder, `${workspace}-${port}`);
  mkdirSync(dataDir);
  const child = startServer([process.execPath, join(ROOT, workspace, 'src', 'main.ts')], {
    cpus: ALL_CORES,
    env: { PORT: String(port), ADMIN_PORT: '0', DATA_DIR: dataDir, ...env },
    logFile,
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(async () => (await fetch(`${url}/ready`)).ok, workspace);
  return { pid: child.pid ?? 0, url, logFile, stop: () => stopChild(child) };
}

/** A PostgreSQL of the bench alone; undefined where it is not installed. It syncs nothing: its disk is not what is measured. */
export async function startPostgres(folder: string): Promise<(Started & { databaseUrl: string }) | undefined> {
  const bin = '/usr/lib/postgresql';
  const initdb = spawnSync('sh', ['-c', `ls ${bin}/*/bin/initdb | sort -V | tail -n 1`], { encoding: 'utf8' });
  const path = initdb.stdout.trim();
  if (path === '') return undefined;
  // The server refuses to run as root.
  const owner = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : [];
  const place = join(folder, 'postgres');
  mkdirSync(place);
  if (owner.length > 0) give(place, 'postgres');
  const data = join(place, 'data');
  const run = { cpus: ALL_CORES, timeoutMs: START_WITHIN_MS };
  await runProgram([...owner, path, '-D', data, '-U', 'postgres', '--auth=trust'], run);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: place, fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(folder, 'postgres.log');
  const server = join(path, '..', 'postgres');
  const child = startServer([...owner, server, '-D', data, ...flags], { cpus: ALL_CORES, logFile });
  const isReady = join(path, '..', 'pg_isready');
  const asked = [isReady, '-q', '-h', '127.0.0.1', '-p', String(port)];
  await untilAnswers(() => Promise.resolve(spawnSync(asked[0]!, asked.slice(1)).status === 0), 'PostgreSQL');
  const databaseUrl = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return { pid: child.pid ?? 0, url: databaseUrl, databaseUrl, logFile, stop: () => stopChild(child) };
}

function give(folder: string, user: string): void {
  const id = (flag: string) => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  chownSync(join(folder, '..'), id('-u'), id('-g'));
  chownSync(folder, id('-u'), id('-g'));
}

/** @throws Error naming the server if it does not answer in time */
export async function untilAnswers(ask: () => Promise<boolean>, name: string): Promise<void> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (!(await ask().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${name} did not start within ${START_WITHIN_MS / 1000} s`);
    await delay(50);
  }
}

export type Request = { path: string; authorization?: string; headers?: Record<string, string> };

/** So many requests, the given ones in turn, so many at a time. @returns bytes of a body on average, and what failed */
export async function send(
  url: string,
  { requests, count, concurrency = 16 }: { requests: readonly Request[]; count: number; concurrency?: number },
): Promise<{ bodyBytes: number; failed: readonly string[] }> {
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  let next = 0;
  let bytes = 0;
  const failed: string[] = [];
  const sendOn = async () => {
    for (let at = next++; at < count; at = next++) {
      const { path, authorization, headers } = requests[at % requests.length]!;
      const answer = await pool.request({
        path,
        method: 'GET',
        headers: { ...(authorization && { authorization }), ...headers },
      });
      const body = await answer.body.text();
      bytes += Buffer.byteLength(body);
      if (answer.statusCode >= 400) failed.push(`${path}: ${answer.statusCode} ${body.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sendOn));
  await pool.close();
  return { bodyBytes: bytes / count, failed };
}

/** CPU time that processes take while something is done, in microseconds. */
export async function cpuMicros<Done>(
  pids: readonly number[],
  action: () => Promise<Done>,
): Promise<{ micros: number[]; done: Done; seconds: number }> {
  const before = pids.map(cpuNanosOf);
  const startedAt = performance.now();
  const done = await action();
  const seconds = (performance.now() - startedAt) / 1000;
  return { micros: pids.map((pid, at) => (cpuNanosOf(pid) - (before[at] ?? 0)) / 1000), done, seconds };
}

/** Where the admin API of an edge is, as its log tells. */
export function adminUrlOf({ logFile }: Started): string {
  const line = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((each) => each.includes('"adminUrl"'));
  return (JSON.parse(line ?? '{}') as { adminUrl: string }).adminUrl;
}
