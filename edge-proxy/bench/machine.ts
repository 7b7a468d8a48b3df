import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { delimiter, join } from 'node:path';

/** Which cores who has: the proxy the last one, all others the rest. On a single core everybody shares it. */
export type Cores = { proxy: string; others: string; shared: boolean };

export function coresOf(count: number): Cores {
  if (count < 2) return { proxy: '0', others: '0', shared: true };
  return { proxy: String(count - 1), others: count === 2 ? '0' : `0-${count - 2}`, shared: false };
}

export const cores = coresOf(availableParallelism());

/** Debian keeps servers out of a user's path. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Where a program is; undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the bench cannot do without, each with the way to get it. Empty where all is there. */
export function missingNeeds(): string[] {
  const needs: [boolean, string][] = [
    [existsSync('/proc/self/task'), 'Linux: CPU time and memory are read from /proc'],
    [findProgram('taskset') !== undefined, 'taskset (Debian: util-linux)'],
    [findProgram('wrk') !== undefined, 'wrk (Debian: wrk)'],
  ];
  return needs.flatMap(([there, what]) => (there ? [] : [what]));
}

/** Most descriptors that a process may open; node raises its own limit that far, and so do nginx and HAProxy. */
export function descriptorLimit(): number {
  const [, , hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === undefined || hard === 'unlimited' ? Infinity : Number(hard);
}

/** In a virtual machine the counters are often not there. */
export function perfCounts(): boolean {
  const perf = findProgram('perf');
  if (perf === undefined) return false;
  const { status, stderr } = spawnSync(perf, ['stat', '-x,', '-e', 'instructions:u', 'true'], { encoding: 'utf8' });
  return status === 0 && /^\d+,/m.test(stderr);
}

/** One line that says where figures come from. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'CPU'}, Linux ${release()}, Node ${process.version}`;
}

/** The version that a program tells; empty where it tells none. */
export function versionOf(program: string, flag: string): string {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8', timeout: 5000 });
  return /\d+\.\d+[\w.]*/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}
