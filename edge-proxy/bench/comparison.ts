import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { figureOf, rotated } from './figures.ts';
import type { Figure } from './figures.ts';
import { findProgram } from './machine.ts';
import type { PacedResult } from './paced-load.ts';
import { sendPaced } from './paced-load.ts';
import { PATH, startProxy } from './proxies.ts';
import type { ProxyName, Running } from './proxies.ts';
import { measureSlice, SATURATING_CONNECTIONS, warmUp } from './slice.ts';
import type { Slice } from './slice.ts';

export const FIXED_RATE = 5000;
const SETTLE_MS = 300;

/** What the modes of the bench share. */
export type Bench = {
  folder: string;
  upstreamPort: number;
  /** Of the upstream, since its start. */
  countRequests: () => Promise<number>;
  tokens: readonly string[];
  rounds: number;
  seconds: number;
  say: (text: string) => void;
};

export type Compared = {
  name: ProxyName;
  cpuMicros: Figure;
  requestsPerSecond: Figure;
  corePercent: Figure;
  othersPercent: Figure;
  instructions?: Figure;
  p50Micros?: Figure;
  p99Micros?: Figure;
  pacedPerSecond?: Figure;
  errors: number;
};

type Round = { slice: Slice; paced?: PacedResult };

/**
 * All proxies in turn, round after round, each round beginning with another one: what disturbs the machine disturbs all
 * of them alike. Each has its process for the whole time.
 */
export async function compare(bench: Bench, names: readonly ProxyName[], requestFile: string): Promise<Compared[]> {
  const targets: Running[] = [];
  for (const name of names) targets.push(await startProxy(name, bench.folder, bench.upstreamPort));
  const load = { connections: SATURATING_CONNECTIONS, requestFile };
  for (const target of targets) {
    bench.say(`warm-up: ${target.name}`);
    await warmUp(target.url, load);
    if (findProgram('h2load')) await measurePaced(bench, target, 0, 1);
  }
  const taken = new Map<string, Round[]>(names.map((name) => [name, []]));
  for (let round = 0; round < bench.rounds; round++) {
    for (const target of rotated(targets, round)) {
      bench.say(`round ${round + 1} of ${bench.rounds}: ${target.name}`);
      const slice = await measureSlice(target, { ...load, seconds: bench.seconds });
      await delay(SETTLE_MS);
      const paced = findProgram('h2load') ? await measurePaced(bench, target, round, bench.seconds) : undefined;
      taken.get(target.name)?.push({ slice, ...(paced && { paced }) });
    }
  }
  for (const target of targets) target.stop();
  return names.map((name) => summarise(name, taken.get(name) ?? []));
}

async function measurePaced(bench: Bench, { url }: Running, round: number, seconds: number): Promise<PacedResult> {
  const token = bench.tokens[round % bench.tokens.length] ?? '';
  const logFile = join(bench.folder, 'paced.log');
  return await sendPaced({ url: `${url}${PATH}`, token, rate: FIXED_RATE, seconds, logFile });
}

function summarise(name: ProxyName, rounds: readonly Round[]): Compared {
  const slices = rounds.map(({ slice }) => slice);
  const paced = rounds.flatMap((round) => round.paced ?? []);
  const counted = slices.flatMap(({ instructions }) => instructions ?? []);
  return {
    name,
    cpuMicros: figureOf(slices.map(({ cpuMicros }) => cpuMicros)),
    requestsPerSecond: figureOf(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
    corePercent: figureOf(slices.map(({ corePercent }) => corePercent)),
    othersPercent: figureOf(slices.map(({ othersPercent }) => othersPercent)),
    ...(counted.length > 0 && { instructions: figureOf(counted) }),
    ...(paced.length > 0 && {
      p50Micros: figureOf(paced.map(({ p50Micros }) => p50Micros)),
      p99Micros: figureOf(paced.map(({ p99Micros }) => p99Micros)),
      pacedPerSecond: figureOf(paced.map(({ requestsPerSecond }) => requestsPerSecond)),
    }),
    errors: [...slices, ...paced].reduce((sum, { errors }) => sum + errors, 0),
  };
}
