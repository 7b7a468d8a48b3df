import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageFrom, startHelper, stopChild } from './children.ts';
import type { Bench } from './comparison.ts';
import { changePercent } from './figures.ts';
import { cores } from './machine.ts';
import { cpuNanosOf, descriptorsOf, memoryKibOf } from './process-usage.ts';
import { PATH, startEdge } from './proxies.ts';
import { SATURATING_CONNECTIONS } from './slice.ts';

export const ABORTED_SHARE = 0.05;
const HELPER = fileURLToPath(new URL('aborting-load.ts', import.meta.url));
const ANSWER_TIMEOUT_MS = 10_000;

/** What the helper has counted since it was started. */
export type LoadCount = { answered: number; aborted: number; failed: number };

export type Minute = {
  minute: number;
  cpuMicros: number;
  requestsPerSecond: number;
  memoryMib: number;
  descriptors: number;
  failed: number;
};

export type Soak = { minutes: Minute[]; /** From the second to the last minute. */ change: Change };
type Change = { cpuPercent: number; memoryPercent: number; descriptors: number };

/** A load of which a part is aborted, for so long; a figure each minute. */
export async function soak(bench: Bench, minutes: number): Promise<Soak> {
  const { pid, url, stop } = await startEdge(bench.folder, bench.upstreamPort);
  const args = [`${url}${PATH}`, String(SATURATING_CONNECTIONS), String(ABORTED_SHARE), ...bench.tokens.slice(0, 100)];
  const load = startHelper(HELPER, args, cores.others);
  const look = async () => {
    load.send('count');
    const count = (await messageFrom(load, ANSWER_TIMEOUT_MS)) as LoadCount;
    return { count, cpuNanos: cpuNanosOf(pid), at: performance.now() };
  };
  const taken: Minute[] = [];
  for (let minute = 1, before = await look(); minute <= minutes; minute++) {
    await delay(60_000);
    const now = await look();
    const requests = total(now.count) - total(before.count);
    taken.push({
      minute,
      cpuMicros: (now.cpuNanos - before.cpuNanos) / 1000 / Math.max(1, requests),
      requestsPerSecond: (requests * 1000) / (now.at - before.at),
      memoryMib: memoryKibOf(pid) / 1024,
      descriptors: descriptorsOf(pid),
      failed: now.count.failed - before.count.failed,
    });
    before = now;
    bench.say(describeMinute(taken.at(-1)!));
  }
  stopChild(load);
  stop();
  return { minutes: taken, change: changeOf(taken) };
}

/** The first minute has the warm-up. */
export function changeOf(minutes: readonly Minute[]): Change {
  const from = minutes[Math.min(1, minutes.length - 1)];
  const to = minutes.at(-1);
  if (!from || !to) throw new RangeError('a soak needs at least one minute, received none');
  return {
    cpuPercent: changePercent(from.cpuMicros, to.cpuMicros),
    memoryPercent: changePercent(from.memoryMib, to.memoryMib),
    descriptors: to.descriptors - from.descriptors,
  };
}

export function describeMinute({
  minute,
  cpuMicros,
  requestsPerSecond,
  memoryMib,
  descriptors,
  failed,
}: Minute): string {
  return (
    `minute ${minute}: ${cpuMicros.toFixed(1)} µs a request, ${Math.round(requestsPerSecond)} requests/s, ` +
    `${Math.round(memoryMib)} MiB, ${descriptors} descriptors${failed ? `, ${failed} FAILED` : ''}`
  );
}

function total({ answered, aborted, failed }: LoadCount): number {
  return answered + aborted + failed;
}
