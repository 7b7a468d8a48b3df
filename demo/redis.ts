import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '@fit/test-kit/free-port';
import { until } from '@fit/test-kit/until';

const PROGRAM = 'redis-server';
const START_WITHIN_MS = 10_000;
/** It ends when nobody holds the other end of its input any more: with whoever started it, however that went. */
const AS_LONG_AS_WE_DO = '"$0" "$@" & read -r _; kill -9 $!';

export function hasRedis(): boolean {
  return spawnSync(PROGRAM, ['--version']).status === 0;
}

/** A Redis that keeps nothing on disk. */
export async function startRedis(folder: string): Promise<AsyncDisposable & { url: string }> {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('sh', ['-c', AS_LONG_AS_WE_DO, PROGRAM, ...settings], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const ended = once(server, 'exit');
  const stop = async () => {
    server.stdin.end();
    await ended;
  };
  try {
    await until('answering', () => answers(port), { holds: Boolean, withinMs: START_WITHIN_MS });
  } catch (cause) {
    await stop();
    throw new Error(`${PROGRAM} does not answer on port ${port}`, { cause });
  }
  return { url: `redis://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    return reply.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
