import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageFrom, startHelper, stopChild } from './children.ts';
import type { Bench } from './comparison.ts';
import { figureOf } from './figures.ts';
import type { Figure } from './figures.ts';
import { cores } from './machine.ts';
import { memoryKibOf } from './process-usage.ts';
import { PATH, startProxy } from './proxies.ts';
import type { ProxyName } from './proxies.ts';
import { SATURATING_CONNECTIONS } from './slice.ts';
import { sendAtFullSpeed } from './wrk.ts';

export const IDLE_CONNECTIONS = 10_000;
const WARM_UP_SECONDS = 2;
const SETTLE_MS = 3000;
const OPEN_TIMEOUT_MS = 60_000;
const HELPER = fileURLToPath(new URL('idle-clients.ts', import.meta.url));

export type Memory = {
  name: ProxyName;
  /** Started, one request answered. */
  idleMib: Figure;
  /** What each connection adds that has had one answer and waits: after a warm-up, so that code and heap are there already. */
  kibPerConnection?: Figure;
};

/** Each in a fresh process each time; of the memory that the operating system has given it, whoever manages it. */
export async function measureMemory(
  bench: Bench,
  names: readonly ProxyName[],
  { times, requestFile }: { times: number; requestFile: string },
): Promise<Memory[]> {
  const taken = new Map<ProxyName, { idleMib: number; kibPerConnection?: number }[]>(names.map((name) => [name, []]));
  for (let time = 1; time <= times; time++) {
    for (const name of names) {
      bench.say(`memory ${time} of ${times}: ${name}`);
      taken.get(name)?.push(await measureOnce(bench, name, requestFile));
    }
  }
  return names.map((name) => {
    const all = taken.get(name) ?? [];
    const withClients = all.flatMap(({ kibPerConnection }) => kibPerConnection ?? []);
    return {
      name,
      idleMib: figureOf(all.map(({ idleMib }) => idleMib)),
      ...(withClients.length > 0 && { kibPerConnection: figureOf(withClients) }),
    };
  });
}

async function measureOnce(bench: Bench, name: ProxyName, requestFile: string) {
  const { pid, url, stop } = await startProxy(name, bench.folder, bench.upstreamPort);
  await delay(SETTLE_MS / 2);
  const idleMib = memoryKibOf(pid) / 1024;
  await sendAtFullSpeed({ url, connections: SATURATING_CONNECTIONS, seconds: WARM_UP_SECONDS, requestFile });
  await delay(SETTLE_MS);
  const before = memoryKibOf(pid);
  const clients = startHelper(HELPER, [`${url}${PATH}`, String(IDLE_CONNECTIONS), bench.tokens[0] ?? ''], cores.others);
  try {
    const open = (await messageFrom(clients, OPEN_TIMEOUT_MS)) as number;
    await delay(SETTLE_MS);
    const kibPerConnection = (memoryKibOf(pid) - before) / open;
    return clients.exitCode === null ? { idleMib, kibPerConnection } : { idleMib };
  } catch (error) {
    // A machine that is too busy for this one figure shall not cost all the others.
    bench.say(`memory of ${name} with connections was not measured: ${(error as Error).message}`);
    return { idleMib };
  } finally {
    stopChild(clients);
    stop();
  }
}
