import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { messageFrom, startHelper, stopChild } from './children.ts';
import { figureOf, percentile, rotated } from './figures.ts';
import { cores, describeMachine } from './machine.ts';
import { MIRROR_TARGETS } from './mirror-targets.ts';
import type { MirrorFindings, MirrorServers, MirrorTarget } from './mirror-targets.ts';

/** What people notice of a mirror that copies every request of theirs. README.md says how it is measured. */
const USAGE = `usage: npm run bench:mirror -- [--rounds N] [--seconds N] [--rate N] [--json]
  --rounds N    slices of each target (7)
  --seconds N   of a slice (1.5)
  --rate N      requests a second (200)
  --json        figures as JSON alone
`;
const AIM_MS = 5;
const CONNECTIONS = 64;
const TICK_MS = 5;
const WARM_UP_SECONDS = 1.5;
const HELPER_TIMEOUT_MS = 10_000;

const options = optionsOrExit();
const SERVERS = new URL('mirror-servers.ts', import.meta.url).pathname;
const servers = ['old', 'targets'].map((which) => startHelper(SERVERS, [which], cores.others));
const [old, targets] = await Promise.all(servers.map((server) => messageFrom(server, HELPER_TIMEOUT_MS)));
const found = { old, targets } as MirrorServers;
const edges = startHelper(new URL('mirror-edges.ts', import.meta.url).pathname, [JSON.stringify(found)], cores.proxy);
const urls = (await messageFrom(edges, HELPER_TIMEOUT_MS)) as Record<MirrorTarget, string>;
const pools = new Map(
  MIRROR_TARGETS.map((name) => [name, new Pool(urls[name], { connections: CONNECTIONS, pipelining: 1 })] as const),
);

const failures: string[] = [];
for (const name of MIRROR_TARGETS) await slice(name, WARM_UP_SECONDS);
const p99s = new Map<MirrorTarget, number[]>(MIRROR_TARGETS.map((name) => [name, []]));
const cpus = new Map<MirrorTarget, number[]>(MIRROR_TARGETS.map((name) => [name, []]));
for (let round = 0; round < options.rounds; round++) {
  for (const name of rotated(MIRROR_TARGETS, round)) {
    const before = await askEdges();
    const waits = await slice(name, options.seconds);
    const { cpuMs } = await askEdges();
    cpus.get(name)!.push((cpuMs - before.cpuMs) / waits.length);
    p99s.get(name)!.push(percentile(waits, 0.99));
  }
}
const { reports } = await askEdges();
await Promise.all([...pools.values()].map(async (pool) => await pool.destroy()));
[edges, ...servers].forEach(stopChild);

// Round by round, since what disturbs the machine meets all slices of a round.
const moreOf = (target: MirrorTarget) =>
  figureOf(p99s.get(target)!.map((p99, round) => p99 - p99s.get('off')![round]!)).median;
const rows = MIRROR_TARGETS.map((target) => {
  const { median: p99Ms, min, max } = figureOf(p99s.get(target)!);
  const { compared, skipped } = reports[target];
  const cpuMs = figureOf(cpus.get(target)!).median;
  return { target, p99Ms, min, max, moreMs: moreOf(target), cpuMs, compared, skipped };
});
const isMet = failures.length === 0 && rows.every(({ moreMs }) => moreMs <= AIM_MS);
const lines = rows.map(({ target, p99Ms, min, max, moreMs, cpuMs, compared, skipped }) =>
  [
    target.padEnd(8),
    p99Ms.toFixed(2).padStart(9),
    `${min.toFixed(1)}–${max.toFixed(1)}`.padStart(12),
    `${moreMs >= 0 ? '+' : ''}${moreMs.toFixed(2)}`.padStart(9),
    cpuMs.toFixed(2).padStart(9),
    `  ${compared} compared${Object.entries(skipped)
      .map(([why, count]) => `, ${count} ${why}`)
      .join('')}`,
  ].join(' '),
);
const text = [
  `${describeMachine()}, ${new Date().toISOString().slice(0, 10)}; ${options.rate} requests/s, all of them copied`,
  '',
  `mirror    p99, ms  of ${String(options.rounds).padStart(2)} slices  more, ms  CPU, ms a request`,
  ...lines,
  '',
  `${failures.length} requests of people failed${failures.length > 0 ? ` (${[...new Set(failures)].join(', ')})` : ''}; at most ${AIM_MS} ms more: ${isMet ? 'met' : 'NOT met'}`,
].join('\n');
process.stdout.write(options.json ? `${JSON.stringify({ rows, failures, isMet })}\n` : `${text}\n`);
process.exit(isMet ? 0 : 1);

async function askEdges(): Promise<MirrorFindings> {
  edges.send('how are you');
  return (await messageFrom(edges, HELPER_TIMEOUT_MS)) as MirrorFindings;
}

/** Requests at a steady rate, whether or not earlier ones were answered: milliseconds to the end of each answer. */
async function slice(name: MirrorTarget, seconds: number): Promise<number[]> {
  const pool = pools.get(name)!;
  const waits: number[] = [];
  const under: Promise<void>[] = [];
  const startedAt = performance.now();
  const ask = async (dueAt: number) => {
    try {
      const { statusCode, body } = await pool.request({ path: '/fitness/wod', method: 'GET' });
      await body.arrayBuffer();
      if (statusCode !== 200) failures.push(`${name}: ${statusCode}`);
      waits.push(performance.now() - dueAt);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  };
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((elapsedMs / 1000) * options.rate);
    // From now on, not from when it was due: whether this process was late says nothing about the edge.
    while (under.length < due) under.push(ask(performance.now()));
    await delay(TICK_MS);
  }
  await Promise.all(under);
  return waits;
}

function optionsOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '7' },
        seconds: { type: 'string', default: '1.5' },
        rate: { type: 'string', default: '200' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const number = (name: 'rounds' | 'seconds' | 'rate') => {
      const value = Number(values[name]);
      if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, received ${values[name]}`);
      return value;
    };
    return { rounds: number('rounds'), seconds: number('seconds'), rate: number('rate'), json: values.json };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}
