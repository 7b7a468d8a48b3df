import { readFileSync, readdirSync } from 'node:fs';

/** A process and all that descend from it, as /proc (proc(5)) has them now. */
export function treeOf(pid: number): number[] {
  const children = tasksOf(pid).flatMap((task) =>
    (read(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(treeOf)];
}

/**
 * CPU time of a process and its descendants in nanoseconds, user and system: the scheduler's own count of each thread,
 * which is exact, where `utime` and `stime` are whole ticks. A thread that has ended is not in it.
 */
export function cpuNanosOf(pid: number): number {
  return sum(treeOf(pid), (each) =>
    sum(tasksOf(each), (task) => Number(read(`/proc/${each}/task/${task}/schedstat`)?.split(' ')[0] ?? 0)),
  );
}

/** Memory of a process and its descendants in KiB; a page that several share counts once (Pss). */
export function memoryKibOf(pid: number): number {
  return sum(treeOf(pid), (each) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${each}/smaps_rollup`) ?? '')?.[1] ?? 0));
}

/** Open descriptors of a process alone. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What a core has done since it was started, in ticks; time that the host gave to another guest is busy. */
export function coreTimesOf(core: string): { busy: number; whole: number } {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(read('/proc/stat') ?? '')?.[1] ?? '';
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is in the first two.
  const times = line.split(' ').map(Number).slice(0, 8);
  const whole = sum(times, (time) => time);
  return { busy: whole - (times[3] ?? 0) - (times[4] ?? 0), whole };
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** What ends between two looks is read as nothing. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
