import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { parseAnswer } from '../src/answer-line.ts';
import type { Answer } from '../src/answer-line.ts';
import type { Plan } from '../src/plan.ts';
import { LoadTestError } from './failures.ts';

/** A threshold as k6 judged it. */
export type Threshold = { metric: string; rule: string; isMet: boolean };

/** What became of one run of k6. */
export type K6Result = {
  /** In the order in which they were asked. */
  answers: Answer[];
  thresholds: Threshold[];
  /** Requests that were due and not sent, for want of a free virtual user. */
  dropped: number;
};

type K6Run = { plan: Omit<Plan, 'summaryFile'>; folder: string; signal: AbortSignal };

const SCRIPT = join(import.meta.dirname, '..', 'src', 'load.ts');
const HOW_TO_GET_IT = 'go install go.k6.io/k6@v1.8.1, or a release from https://github.com/grafana/k6/releases';
const PASSED = 0;
const THRESHOLDS_CROSSED = 99;
const KILL_AFTER_MS = 10_000;
const LAST_WORDS = 10;

const summarySchema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});

/** @returns its version. Errors: LoadTestError saying how to get it */
export function findK6(): string {
  const { error, stdout } = spawnSync('k6', ['version'], { encoding: 'utf8' });
  if (error) throw new LoadTestError('not-possible', `k6 is not on PATH. Get it: ${HOW_TO_GET_IT}`);
  const [, version, major] = /v((\d+)\.\S+)/.exec(stdout) ?? [];
  if (version !== undefined && Number(major) >= 1) return version;
  throw new LoadTestError('not-possible', `k6 on PATH must be version 1 or later. Get it: ${HOW_TO_GET_IT}`);
}

/** Runs the load to its end. Its thresholds are its own; a crossed one is a result, everything else an error. */
export async function runK6({ plan, folder, signal }: K6Run): Promise<K6Result> {
  signal.throwIfAborted();
  const file = (name: string) => join(folder, name);
  const summaryFile = file('summary.json');
  const answersFile = file('answers.txt');
  for (const stale of [summaryFile, answersFile]) writeFileSync(stale, '');
  writeFileSync(file('plan.json'), JSON.stringify({ ...plan, summaryFile } satisfies Plan));

  const child = start(['--console-output', answersFile, '--env', `PLAN=${file('plan.json')}`]);
  const lastWords = keepLastWords(child);
  const stop = () => stopSoon(child);
  signal.addEventListener('abort', stop, { once: true });
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== PASSED && code !== THRESHOLDS_CROSSED) {
    throw new LoadTestError('k6-failed', `k6 ended with ${code}:\n${lastWords().join('\n')}`);
  }
  return { answers: readAnswers(answersFile), ...readSummary(summaryFile) };
}

/** In a process group of its own: Ctrl-C reaches the runner alone, which then stops k6 and restores the weight. */
function start(args: string[]): ChildProcess {
  const quiet = ['--quiet', '--no-color', '--no-usage-report', '--log-format', 'raw', '--address', ''];
  // Whatever K6_… somebody has set would be other scenarios than ours.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('K6_')));
  return spawn('k6', ['run', ...quiet, ...args, SCRIPT], { detached: true, env, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A warning may come with every request; each text is kept once. */
function keepLastWords({ stderr }: ChildProcess): () => string[] {
  const lines = new Set<string>();
  if (stderr) {
    createInterface(stderr).on('line', (line) => {
      lines.delete(line);
      lines.add(line);
      const [oldest] = lines;
      if (lines.size > LAST_WORDS && oldest !== undefined) lines.delete(oldest);
    });
  }
  return () => [...lines];
}

function stopSoon(child: ChildProcess): void {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  child.once('close', () => clearTimeout(timer));
}

function readAnswers(file: string): Answer[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => parseAnswer(line) ?? [])
    .sort((a, b) => a.askedAt - b.askedAt);
}

function readSummary(file: string): Pick<K6Result, 'thresholds' | 'dropped'> {
  const { metrics } = summarySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    thresholds: Object.entries(metrics).flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds).map(([rule, { ok }]) => ({ metric, rule, isMet: ok })),
    ),
    dropped: metrics['dropped_iterations']?.values['count'] ?? 0,
  };
}
