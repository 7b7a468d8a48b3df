import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuChart } from './chart.ts';
import { compare } from './comparison.ts';
import type { Bench } from './comparison.ts';
import { measureFeatures } from './features.ts';
import { cores, describeMachine, missingNeeds } from './machine.ts';
import { measureMemory } from './memory.ts';
import { readOptions, USAGE } from './options.ts';
import type { BenchOptions } from './options.ts';
import { EDGE_LOG_LEVEL, availableProxies, startUpstream } from './proxies.ts';
import { textReport, verdictsOf } from './report.ts';
import type { Report } from './report.ts';
import { measureSeries, writeRequests } from './series.ts';
import { soak } from './soak.ts';
import { makeTokens } from './tokens.ts';

/** What a request through the edge costs, beside what others cost. README.md says how it is measured. */

const MEMORY_TIMES = 3;
/** Starts, warm-ups and what a busy machine takes longer. */
const SPARE_SECONDS = 600;

const options = optionsOrExit();
const missing = missingNeeds();
if (missing.length > 0) exit(1, `the bench needs ${missing.join('; ')}`);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.on(signal, () => exit(code));
setTimeout(() => exit(1, 'the bench did not end in time'), longestSeconds(options) * 1000).unref();
const folder = mkdtempSync(join(tmpdir(), 'edge-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

const report = await run().catch((error: Error) => exit(1, error.stack ?? error.message));
process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : textReport(report));
process.exit(0);

async function run(): Promise<Report> {
  const { mode, rounds, seconds } = options;
  const say = (text: string) => void process.stderr.write(text.endsWith('\n') ? text : `${text} …\n`);
  if (cores.shared) say('a single core: proxy, load and upstream share it');
  const upstream = await startUpstream(folder);
  const { port: upstreamPort, countRequests } = upstream;
  const bench: Bench = { folder, upstreamPort, countRequests, tokens: makeTokens(), rounds, seconds, say };
  const { names, left } = availableProxies(options.only);
  const date = new Date().toISOString().slice(0, 10);
  const logLevel = EDGE_LOG_LEVEL;
  const conditions = { machine: describeMachine(), date, upstream: upstream.kind, logLevel, rounds, seconds, left };
  const requestFile = writeRequests(bench, 1);
  switch (mode.kind) {
    case 'features':
      return { conditions, features: await measureFeatures(bench, requestFile) };
    case 'series':
      return { conditions, series: { name: mode.name, points: await measureSeries(bench, mode.name) } };
    case 'soak':
      return { conditions, soak: await soak(bench, mode.minutes) };
    case 'compare': {
      const compared = await compare(bench, names, requestFile);
      // What follows takes minutes and may fail; this is not to be lost with it.
      say(textReport({ conditions, compared }));
      if (options.chart !== undefined)
        writeFileSync(options.chart, cpuChart(compared, `${conditions.machine}, ${date}`));
      const memory = await measureMemory(bench, names, { times: Math.min(MEMORY_TIMES, rounds), requestFile });
      const features = names.includes('edge') ? await measureFeatures(bench, requestFile) : undefined;
      const measured: Report = { conditions, compared, memory, ...(features && { features }) };
      return { ...measured, verdicts: verdictsOf(measured) };
    }
  }
}

/** Of a round each of six proxies has a slice at full speed and one at a fixed rate; a start takes up to 20 s. */
function longestSeconds({ mode, rounds, seconds }: BenchOptions): number {
  if (mode.kind === 'soak') return mode.minutes * 60 + SPARE_SECONDS;
  return rounds * 6 * (2 * seconds + 10) + MEMORY_TIMES * 6 * 30 + SPARE_SECONDS;
}

function optionsOrExit(): BenchOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== 'help') return read;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function exit(code: number, why?: string): never {
  if (why !== undefined) process.stderr.write(`${why}\n`);
  process.exit(code);
}
