import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Component } from '@fit/test-kit/components';
import { freePort } from '@fit/test-kit/free-port';
import { createClient } from 'redis';

const BINARY = 'redis-server';
const START_WITHIN_MS = 10_000;

/** The real Redis; what is found is the name of its program. */
export const redis: Component<string> = {
  name: 'redis',
  find: () => {
    const { status } = spawnSync(BINARY, ['--version']);
    return status === 0
      ? { available: true, value: BINARY }
      : { available: false, reason: `there is no ${BINARY} in the PATH` };
  },
};

export type RedisServerOptions = {
  /** More of its settings, as on its command line. */
  args?: readonly string[];
};

/** A Redis of its own that keeps nothing on disk, at an address that it has again after a restart. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  static async start({ args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'redis-'));
    const server = new RedisServer(await freePort(), folder, args);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server anew, with nothing in it. */
  async restart(): Promise<void> {
    await this.kill();
    const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'];
    const started = spawn(BINARY, ['--port', String(this.port), '--dir', this.#folder, ...settings, ...this.#args], {
      stdio: 'ignore',
    });
    this.#process = started;
    const deadline = performance.now() + START_WITHIN_MS;
    while (!(await this.#answers())) {
      if (started.exitCode !== null) throw new Error(`${BINARY} ended with ${started.exitCode}`);
      if (performance.now() > deadline) throw new Error(`${BINARY} does not answer on port ${this.port}`);
      await delay(10);
    }
  }

  /** SIGSTOP: connections stay, and nothing is answered. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const victim = this.#process;
    this.#process = undefined;
    if (!victim || victim.exitCode !== null || victim.signalCode !== null) return;
    const exited = once(victim, 'exit');
    victim.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }

  /** One command, on a connection of its own. */
  async command(...command: (string | Buffer)[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  async #answers(): Promise<boolean> {
    return await this.command('PING').then(
      () => true,
      // One that wants a password is there too.
      (error: Error) => error.message.startsWith('NOAUTH'),
    );
  }
}
