import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './services.ts';
import type { Service } from './services.ts';

/** A service that does not drain in this time is killed. */
const STOP_TIMEOUT_MS = 20_000;
const READY_TIMEOUT_MS = 120_000;

/**
 * One running service. It has a session of its own, so Ctrl-C reaches the supervisor alone, and an IPC channel whose end
 * tells it that the supervisor is gone, however it went.
 */
export class Supervised {
  readonly service: Service;
  readonly logFile: string;
  #child: ChildProcess;
  #exited: Promise<unknown>;

  constructor(service: Service, logFolder: string) {
    mkdirSync(logFolder, { recursive: true });
    this.service = service;
    this.logFile = join(logFolder, `${service.name}.log`);
    this.#child = this.#spawn('w');
    this.#exited = once(this.#child, 'exit');
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the process ends, with what it said last. */
  async ended(): Promise<string> {
    const child = this.#child;
    await this.#exited;
    if (child !== this.#child) return await this.ended();
    return readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
  }

  /** Resolves once the service may take traffic; rejects if it ends or does not get there. */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (!this.running) throw new Error(`${this.service.name} did not start:\n${await this.ended()}`);
      const answer = await fetch(this.service.readyUrl, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await delay(50);
    }
    throw new Error(`${this.service.name} was not ready within ${READY_TIMEOUT_MS / 1000} s; see ${this.logFile}`);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.#child = this.#spawn('a');
    this.#exited = once(this.#child, 'exit');
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #spawn(mode: 'w' | 'a'): ChildProcess {
    const log = openSync(this.logFile, mode);
    try {
      return spawn(process.execPath, [...process.execArgv, join(ROOT, this.service.name, 'src', 'main.ts')], {
        cwd: ROOT,
        env: { ...process.env, ...this.service.env },
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
      });
    } finally {
      closeSync(log);
    }
  }
}
