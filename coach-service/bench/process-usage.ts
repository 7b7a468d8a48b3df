import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What the operating system has counted for a process. */
export type ProcessUsage = { cpuMs: number; residentMiB: number };

/** Of Linux from `/proc` (proc(5): fields 14 and 15 of `stat`), elsewhere from `ps`. */
export function usageOf(pid: number): ProcessUsage {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field, the name, may hold blanks; it ends with the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const residentKiB = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: (ticks * 1000) / ticksPerSecond(), residentMiB: Number(residentKiB) / 1024 };
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

/** `time` is `[[dd-]hh:]mm:ss[.cc]`. */
function fromPs(pid: number): ProcessUsage {
  const [time = '', residentKiB] = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  const seconds = time
    .split(/[-:]/)
    .reduce((sum, part, i, { length }) => sum + Number(part) * ([1, 60, 3600, 86_400][length - 1 - i] ?? 0), 0);
  return { cpuMs: seconds * 1000, residentMiB: Number(residentKiB) / 1024 };
}
