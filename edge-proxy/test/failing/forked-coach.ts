import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report } from './coach-process.ts';

/** One call at a coach in another process; times are of `Date.now()`. */
export type ForkedCall = { id: string; arrivedAt: number; endedAt?: number; answered?: boolean };

export type ForkedCoach = AsyncDisposable & {
  url: string;
  calls: ForkedCall[];
  /** Stops it where it stands: what it was doing hangs, and the kernel goes on taking connections for it. */
  stop: () => void;
  goOn: () => void;
  /** Ends it at once, as the kernel does when memory runs out. */
  kill: () => Promise<void>;
};

const SOURCE = fileURLToPath(new URL('coach-process.ts', import.meta.url));

/** A coach with a known capacity: `slots` × 1000 / `serviceMs` requests a second. */
export async function forkCoach(options: { slots: number; serviceMs: number; port?: number }): Promise<ForkedCoach> {
  const { slots, serviceMs, port = 0 } = options;
  const child = fork(SOURCE, {
    env: { SLOTS: String(slots), SERVICE_MS: String(serviceMs), PORT: String(port) },
    execArgv: [],
  });
  const calls: ForkedCall[] = [];
  const byId = new Map<string, ForkedCall>();
  const listening = new Promise<number>((resolve) =>
    child.on('message', (message) => {
      const report = message as Report;
      if (report.kind === 'listening') return resolve(report.port);
      const { id, at, kind } = report;
      if (kind !== 'arrived') return void Object.assign(byId.get(id)!, { endedAt: at, answered: kind === 'answered' });
      const call = { id, arrivedAt: at };
      calls.push(call);
      byId.set(id, call);
    }),
  );
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `http://127.0.0.1:${await listening}`,
    calls,
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
