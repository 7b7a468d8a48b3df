import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { FailingCoach } from './wire-coach.ts';

/**
 * Listens, says where, and then never takes a connection: it sleeps for good. It ends by itself should nobody be left to
 * end it.
 */
const SLEEPER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120_000);
    process.exit();
  });`;

/** More than the kernel keeps for a backlog of one. */
const TO_FILL = 4;

/**
 * A host that drops packets: a process that does not take connections, and a backlog that is full already. Linux then
 * drops every further SYN without a word (`tcp_abort_on_overflow` is 0 everywhere), as a firewall does.
 */
export async function startDroppingListener(): Promise<FailingCoach> {
  const sleeper = spawn(process.execPath, ['-e', SLEEPER], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(sleeper.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${port.toString()}`;
  const fillers = Array.from({ length: TO_FILL }, () => quietly(connect(Number(port.toString()), '127.0.0.1')));
  while (await connects(url, 300)) continue;
  return {
    url,
    calls: [],
    [Symbol.asyncDispose]: async () => {
      const gone = once(sleeper, 'exit');
      sleeper.kill('SIGKILL');
      await gone;
      for (const filler of fillers) filler.destroy();
    },
  };
}

/** Whether a connection comes to be within this time. */
export async function connects(url: string, withinMs: number): Promise<boolean> {
  const socket = quietly(connect(Number(new URL(url).port), '127.0.0.1'));
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
    socket.setTimeout(withinMs, () => resolve(false));
  });
  socket.destroy();
  return connected;
}

const quietly = (socket: Socket): Socket => socket.on('error', () => undefined);
