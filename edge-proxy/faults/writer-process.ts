import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that writes as fast as it can and says so in lines of JSON. */
export class WriterProcess<Fact> {
  readonly #process: ChildProcess;

  /** @param limit commands of the shell that set limits before, each with its semicolon */
  constructor(script: string, args: readonly string[], limit = '') {
    this.#process = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it says, to its end. */
  async *facts(): AsyncIterable<Fact> {
    for await (const line of createInterface({ input: this.#process.stdout! })) yield JSON.parse(line) as Fact;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const victim = this.#process;
    if (victim.exitCode !== null || victim.signalCode !== null) return;
    const exited = once(victim, 'exit');
    victim.kill('SIGKILL');
    await exited;
  }

  /**
   * Kills it some milliseconds after it said so many things.
   *
   * @returns all that it said; what it still said while it was being killed counts too
   */
  async killAfter(moment: { facts: number; ms: number }): Promise<Fact[]> {
    const said: Fact[] = [];
    let killing: Promise<void> | undefined;
    for await (const fact of this.facts()) {
      said.push(fact);
      if (said.length === moment.facts) killing = delay(moment.ms).then(() => this.kill());
    }
    await killing;
    return said;
  }
}
