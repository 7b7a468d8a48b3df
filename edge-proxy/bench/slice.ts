import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { cores, perfCounts } from './machine.ts';
import { coreTimesOf, cpuNanosOf, treeOf } from './process-usage.ts';
import type { Running } from './proxies.ts';
import { sendAtFullSpeed } from './wrk.ts';

export const SATURATING_CONNECTIONS = 64;
/** On one core the compiler shares it with the work: so many requests go by until the cost of one stands still. */
const WARM_UP_REQUESTS = 60_000;
const WARM_UP_SLICES = 20;
const WARM_UP_SECONDS = 3;

/** A short time at full speed: what one request cost the proxy, and how many there were. */
export type Slice = {
  cpuMicros: number;
  requestsPerSecond: number;
  /** Share of its core that the proxy used; well under 100 it waited for the load. */
  corePercent: number;
  /** Share of that core that went to others: to other processes, to interrupts, and to other guests of the host. */
  othersPercent: number;
  errors: number;
  instructions?: number;
};

export type SliceOptions = { connections: number; seconds: number; requestFile: string };

/** Until the requests are enough, on a machine however slow or busy; for a minute at most. */
export async function warmUp(url: string, load: Omit<SliceOptions, 'seconds'>): Promise<void> {
  for (let slice = 0, sent = 0; slice < WARM_UP_SLICES && sent < WARM_UP_REQUESTS; slice++) {
    sent += (await sendAtFullSpeed({ url, ...load, seconds: WARM_UP_SECONDS })).requests;
  }
}

/** CPU time of the same window in which the requests were counted, from the operating system. */
export async function measureSlice({ pid, url }: Running, load: SliceOptions): Promise<Slice> {
  const instructions = countInstructions(pid);
  const [before, coreBefore] = [cpuNanosOf(pid), coreTimesOf(cores.proxy)];
  const { requests, seconds, errors } = await sendAtFullSpeed({ url, ...load });
  const spentMicros = (cpuNanosOf(pid) - before) / 1000;
  const core = coreTimesOf(cores.proxy);
  const [whole, busy] = [core.whole - coreBefore.whole, core.busy - coreBefore.busy];
  const corePercent = spentMicros / seconds / 10_000;
  const counted = await instructions?.();
  return {
    cpuMicros: spentMicros / Math.max(1, requests),
    requestsPerSecond: requests / seconds,
    corePercent,
    othersPercent: Math.max(0, (busy / Math.max(1, whole)) * 100 - corePercent),
    errors,
    ...(counted !== undefined && { instructions: counted / Math.max(1, requests) }),
  };
}

/** With many connections, opening them is not part of it. Per second, with what the system tries again after a second. */
const RAMP = { seconds: 2, connectionsPerSecond: 1250 };

/**
 * As `measureSlice`, of a time within the load that begins when its connections are open. wrk cannot tell how many were
 * answered in it, so it is told by `countRequests`.
 */
export async function measureOpened(
  { pid, url }: Running,
  { seconds, ...load }: SliceOptions,
  countRequests: () => Promise<number>,
): Promise<Pick<Slice, 'cpuMicros' | 'requestsPerSecond' | 'errors'>> {
  const rampSeconds = RAMP.seconds + Math.ceil(load.connections / RAMP.connectionsPerSecond);
  const look = async () => ({ requests: await countRequests(), cpuNanos: cpuNanosOf(pid), atMs: performance.now() });
  const measured = async () => {
    await delay(rampSeconds * 1000);
    const before = await look();
    await delay(seconds * 1000);
    return [before, await look()] as const;
  };
  // The last second is for looking: the load must not end before that.
  const sent = sendAtFullSpeed({ url, ...load, seconds: rampSeconds + seconds + 1 });
  const [{ errors }, [before, after]] = await Promise.all([sent, measured()]);
  const requests = after.requests - before.requests;
  return {
    cpuMicros: (after.cpuNanos - before.cpuNanos) / 1000 / Math.max(1, requests),
    requestsPerSecond: (requests * 1000) / (after.atMs - before.atMs),
    errors,
  };
}

let canCount: boolean | undefined;

/** Starts to count, where the machine lets it; the function given back stops and tells. */
function countInstructions(pid: number): (() => Promise<number | undefined>) | undefined {
  canCount ??= perfCounts();
  if (!canCount) return undefined;
  const pids = treeOf(pid).join(',');
  const perf = spawn('perf', ['stat', '-x,', '-e', 'instructions:u', '-p', pids], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = Promise.all([text(perf.stderr), once(perf, 'exit')]);
  return async () => {
    perf.kill('SIGINT');
    const count = Number.parseInt((await ended)[0], 10);
    return Number.isNaN(count) ? undefined : count;
  };
}
