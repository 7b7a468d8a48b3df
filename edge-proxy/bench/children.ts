import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { findProgram } from './machine.ts';
import { treeOf } from './process-usage.ts';

/**
 * Every process that the bench starts, on the cores that it may use. All of them end with the bench, on every way out:
 * by their ids when it exits, and by the kernel (`setpriv --pdeathsig`) where it is killed itself.
 */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach(stopChild));

export type ServerOptions = { cpus: string; env?: Record<string, string>; logFile: string };

/** A server that runs until `stopChild`. That one ends by itself ends the bench, with the last lines of its log. */
export function startServer(command: readonly string[], { cpus, env = {}, logFile }: ServerOptions): ChildProcess {
  const log = openSync(logFile, 'w');
  const child = start(command, { cpus, env, stdio: ['ignore', log, log] });
  closeSync(log);
  child.once('exit', (code, signal) => {
    if (!running.delete(child)) return;
    const tail = readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
    process.stderr.write(`${command.join(' ')} ended by itself (${code ?? signal}):\n${tail}\n`);
    process.exit(1);
  });
  return child;
}

/** A file of this folder in a Node process of its own, with a channel for messages. */
export function startHelper(file: string, args: readonly string[], cpus: string): ChildProcess {
  const child = start([process.execPath, file, ...args], {
    cpus,
    env: {},
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.once('exit', () => running.delete(child));
  return child;
}

/** The next message of a helper. @throws Error if it ends, or says nothing for so long */
export async function messageFrom(child: ChildProcess, timeoutMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const name = child.spawnargs.find((word) => word.endsWith('.ts')) ?? child.spawnfile;
  const timer = setTimeout(() => reject(new Error(`${name} said nothing within ${timeoutMs} ms`)), timeoutMs);
  const onExit = (code: number | null) => reject(new Error(`${name} ended with ${code}`));
  child.once('message', resolve).once('exit', onExit);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off('message', resolve).off('exit', onExit);
  }
}

export type RunOptions = { cpus: string; timeoutMs: number };

/** A program that ends by itself: what it wrote. @throws Error if it fails or takes longer than it may */
export async function runProgram(command: readonly string[], { cpus, timeoutMs }: RunOptions): Promise<string> {
  const child = start(command, { cpus, env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => stopChild(child), timeoutMs);
  const output = Promise.all([child.stdout, child.stderr].map(async (stream) => (stream ? await text(stream) : '')));
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  running.delete(child);
  const [out = '', err = ''] = await output;
  if (code !== 0)
    throw new Error(`${command.join(' ')} ended with ${code ?? 'a time-out'}:\n${out}${err}`.slice(0, 2000));
  return out;
}

/** At once, with its own children; what it holds is temporary. */
export function stopChild(child: ChildProcess): void {
  running.delete(child);
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of treeOf(child.pid).toReversed()) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function start(
  command: readonly string[],
  { cpus, env, stdio }: { cpus: string; env: Record<string, string>; stdio: StdioOptions },
): ChildProcess {
  const diesWithUs = findProgram('setpriv') === undefined ? [] : ['setpriv', '--pdeathsig', 'TERM'];
  const { NODE_OPTIONS: _none, ...inherited } = process.env;
  const child = spawn('taskset', ['-c', cpus, ...diesWithUs, ...command], {
    env: { ...inherited, NODE_ENV: 'production', ...env },
    stdio,
  });
  running.add(child);
  return child;
}
