import { writeFileSync } from 'node:fs';
import { simulationChart } from './chart.ts';
import { EXPERIMENTS } from './experiments.ts';
import type { Experiment, Job } from './experiments.ts';
import { USAGE, readOptions } from './options.ts';
import type { SimulateOptions } from './options.ts';
import { simulateAll } from './simulation.ts';
import { detections, falseRollbacks, tables } from './tables.ts';

/** How many of the days asked for are simulated of each kind: one of so many. */
const ONE_OF: Readonly<Record<Experiment['kind'], number>> = { equal: 1, worse: 3, blocked: 100 };

/** `npm run simulate -- [OPTION ...]`; see `options.ts`. */
const options = readOptionsOrExit();
const jobs = jobsOf(options);
const begun = performance.now();
const findings = await simulateAll(jobs, options.threads, showProgress);
if (process.stderr.isTTY) process.stderr.write('\r');
for (const line of tables(findings)) process.stdout.write(`${line}\n`);
const seconds = Math.round((performance.now() - begun) / 1000);
process.stdout.write(`\n${jobs.length} ramps of seed ${options.seed}, looked at every second, in ${seconds} s\n`);
if (options.out !== undefined) {
  writeFileSync(options.out, simulationChart(falseRollbacks(findings), detections(findings)));
  process.stdout.write(`Chart: ${options.out}\n`);
}

function readOptionsOrExit(): SimulateOptions {
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

/** Of all experiments in turn, so that threads end at about the same time. */
function jobsOf({ only, runs, seed }: SimulateOptions): Job[] {
  return EXPERIMENTS.filter(({ name }) => only.includes(name)).flatMap(({ name, kind }) =>
    Array.from({ length: Math.ceil(runs / ONE_OF[kind]) }, (_, run) => ({
      experiment: name,
      seed,
      run,
    })),
  );
}

function showProgress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${jobs.length} ramps `);
}
