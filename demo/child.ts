import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..');
const LAST_LINES = 20;
const STOP_WITHIN_MS = 5000;

export type ChildOptions = {
  /** From the top of the repository. */
  script: string;
  /** All that it is told, besides where programs are. */
  env: Record<string, string>;
};

/** Where it listens, as it logs it. */
type Listening = { msg: 'listening'; url: string; adminUrl?: string };

/** One of the project's processes. It ends with the one that started it. */
export class Child {
  readonly script: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lastLines: string[] = [];
  #listening: Listening | undefined;

  /** Resolves when it listens. @throws Error with its last words if it ends instead */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    await child.#untilListening();
    return child;
  }

  private constructor({ script, env }: ChildOptions) {
    this.script = script;
    this.#process = spawn(process.execPath, [join(ROOT, script)], {
      cwd: ROOT,
      // Ctrl-C reaches whoever started it, who ends it in turn.
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#ended = once(this.#process, 'close');
  }

  get url(): string {
    return this.#listening!.url;
  }

  get adminUrl(): string {
    return this.#listening!.adminUrl!;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What it answers to a message. */
  async ask<Answer>(message: object): Promise<Answer> {
    const answered = once(this.#process, 'message');
    this.#process.send(message);
    return (await answered)[0] as Answer;
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  async #untilListening(): Promise<void> {
    const listening = Promise.withResolvers<Listening>();
    for (const stream of [this.#process.stdout!, this.#process.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
        if (!this.#listening && line.includes('"listening"')) listening.resolve(JSON.parse(line) as Listening);
      });
    }
    const ended = this.#ended.then(() => undefined);
    this.#listening = await Promise.race([listening.promise, ended]);
    if (!this.#listening) throw new Error(`${this.script} ended:\n${this.#lastLines.join('\n')}`);
  }
}
