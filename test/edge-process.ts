import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@fit/test-kit/free-port';
import { ROOT } from './running-stack.ts';

/** An edge that can be stopped and started again on the same ports, with the same state. */
export type EdgePlace = {
  url: string;
  host: string;
  start: () => Promise<EdgeProcess>;
  remove: () => void;
};

export type EdgeProcess = {
  terminate: () => void;
  kill: () => void;
  /** What it ended with, and the errors that it logged. */
  ended: Promise<{ code: number | null; output: string }>;
};

export type EdgePlaceOptions = { legacy: string; coach: string; env?: Record<string, string> };

/** Everybody is on the new side; no token is known. */
export async function aPlaceForEdge({ legacy, coach, env = {} }: EdgePlaceOptions): Promise<EdgePlace> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-process-'));
  const port = await freePort();
  const file = join(folder, 'edge.json');
  const route = { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 100 };
  const upstreams = { legacy: { url: legacy }, coach: { url: coach } };
  writeFileSync(file, JSON.stringify({ upstreams, defaultUpstream: 'legacy', routes: [route] }));
  const variables = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    PORT: String(port),
    ADMIN_PORT: String(await freePort()),
    DATA_DIR: join(folder, 'data'),
    EDGE_CONFIG: file,
    JWKS_URL: `${legacy}/.well-known/jwks.json`,
    LOG_LEVEL: 'error',
    ...env,
  };
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    host: `127.0.0.1:${port}`,
    start: () => startEdgeProcess(url, variables),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function startEdgeProcess(url: string, env: Record<string, string>): Promise<EdgeProcess> {
  const child = spawn(process.execPath, ['edge-proxy/src/main.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  const edge = { terminate: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL'), ended };
  for (;;) {
    const status = await Promise.race([ended, readinessOf(url)]);
    if (status === 200) return edge;
    if (typeof status === 'object') throw new Error(`the edge ended with ${status.code}:\n${status.output}`);
    await delay(20);
  }
}

/** The status of `/ready` on a connection of its own; 0 if it is refused. */
export async function readinessOf(url: string): Promise<number> {
  const asked = fetch(`${url}/ready`, { headers: { connection: 'close' } });
  return await asked.then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status;
    },
    () => 0,
  );
}
