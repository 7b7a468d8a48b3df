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
/** Nothing comes of it unless the environment names a collector. */
const TRACING = ['--import=@fit/tracing/register'];

/**
 * One running service. It has a session of its own, so Ctrl-C reaches the supervisor alone, and an IPC channel whose end
 * tells it that the supervisor is gone, however it went.
 */
export class Supervised {
  readonly service: Service;
  readonly logFile: string;
  readonly #onCrash: (crashed: Supervised) => void;
  #child: ChildProcess;
  #isStopping = false;
  #restart: Promise<void> | undefined;

  /** @param onCrash the process was up and ended by itself */
  constructor(service: Service, logFolder: string, onCrash: (crashed: Supervised) => void) {
    mkdirSync(logFolder, { recursive: true });
    this.service = service;
    this.logFile = join(logFolder, `${service.name}.log`);
    this.#onCrash = onCrash;
    this.#child = this.#spawn();
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it said last. */
  get lastWords(): string {
    return readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-8).join('\n');
  }

  /** Resolves once the service may take traffic; rejects if it ends or does not get there. */
  async ready(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (!this.running) throw new Error(`${this.service.name} did not start:\n${this.lastWords}`);
      const answer = await fetch(this.service.readyUrl, { signal: AbortSignal.timeout(1000) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return this.#watchForCrash();
      await delay(50);
    }
    throw new Error(`${this.service.name} was not ready within ${READY_TIMEOUT_MS / 1000} s; see ${this.logFile}`);
  }

  /** Starts it anew. Asked again before the old process has gone, it is still one new process. */
  async restart(): Promise<void> {
    this.#restart ??= this.stop().then(() => {
      this.#restart = undefined;
      this.#isStopping = false;
      this.#child = this.#spawn();
    });
    await this.#restart;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #watchForCrash(): void {
    const reportCrash = () => {
      if (!this.#isStopping) this.#onCrash(this);
    };
    if (this.running) this.#child.once('exit', reportCrash);
    else reportCrash();
  }

  #spawn(): ChildProcess {
    const log = openSync(this.logFile, 'a');
    try {
      const { name } = this.service;
      const main = join(ROOT, name, 'src', 'main.ts');
      // Nginx itself makes no spans.
      const flags = name === 'nginx' ? [] : TRACING;
      const child = spawn(process.execPath, [...process.execArgv, ...flags, main], {
        cwd: ROOT,
        env: { ...process.env, ...this.service.env },
        detached: true,
        stdio: ['ignore', log, log, 'ipc'],
      });
      child.once('exit', () => endGroup(child));
      return child;
    } finally {
      closeSync(log);
    }
  }
}

/** A service leads a group of its own; what it started and left behind, as Nginx, goes with it. */
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}
