import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import autocannon from 'autocannon';
import { sendPaced } from './paced-load.ts';
import type { LoadResult } from './paced-load.ts';
import { usageOf } from './process-usage.ts';

/**
 * How many workouts a second one coach process makes on one core, and what each costs.
 *
 * Three processes: this one drives (autocannon), a stub stands for the monolith, the coach is the real one. Where
 * `taskset` exists the coach has the last core to itself. CPU time is the operating system's count for the coach.
 */

const USAGE = `usage: npm run bench:coach -- [--seconds N] [--rounds N] [--connections N] [--rate N] [--profile DIR] [--json]
  --seconds      length of each round (5)
  --rounds       rounds at full speed, after a warm-up (3)
  --connections  connections kept busy (32)
  --rate         requests a second of the last round (2000)
  --profile      folder for a CPU profile of the coach (its cost is in the figures)
  --json         figures as JSON alone`;

const TOKENS = 500;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Africa/Cairo'];
/** On one core the compiler shares it with the work: some 20,000 requests go by until the cost of one stands still. */
const WARM_UP_SECONDS = 10;
const START_TIMEOUT_MS = 15_000;

type Round = {
  round: string;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicrosPerRequest: number;
  /** Share of one core, in percent. */
  cpuPercent: number;
  residentMiB: number;
  errors: number;
};

const options = parseOptions();
const children: ChildProcess[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopAndExit(130));
const totalSeconds = WARM_UP_SECONDS + options.seconds * (options.rounds + 1);
setTimeout(() => stopAndExit(1, 'the bench did not end in time'), totalSeconds * 1000 + 2 * START_TIMEOUT_MS).unref();

try {
  report(await bench());
} finally {
  stopChildren();
}

async function bench(): Promise<Round[]> {
  const issuer = createTokenIssuer();
  const cores = availableParallelism();
  const others = cores > 1 ? `0-${cores - 2}` : '0';
  const hasTaskset = cores > 1 && spawnSync('taskset', ['-cp', others, String(process.pid)]).status === 0;
  const pinnedTo = (core: string) => (hasTaskset ? ['taskset', '-c', core] : []);

  const stub = start([...pinnedTo(others), process.execPath], 'stub-monolith.ts', {
    BENCH_JWKS: JSON.stringify(issuer.jwks),
  });
  const [legacyUrl] = (await once(stub, 'message')) as [string];
  const profiling = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const coachEnv = { PORT: '0', LOG_LEVEL: 'info', LEGACY_URL: legacyUrl };
  const coach = start([...pinnedTo(String(cores - 1)), process.execPath, ...profiling], '../src/main.ts', coachEnv);
  const url = await listeningUrl(coach);
  await untilReady(url);

  const requests = Array.from({ length: TOKENS }, (_, n) => ({
    method: 'GET' as const,
    path: '/fitness/wod',
    headers: { authorization: `Bearer ${issuer.issue({ sub: `user-${n}`, zoneinfo: ZONES[n % ZONES.length] })}` },
  }));
  const load = { url, requests, connections: options.connections };
  const pid = coach.pid ?? 0;
  await measure('warm-up', pid, () => sendAtFullSpeed({ ...load, duration: WARM_UP_SECONDS }));
  const rounds: Round[] = [];
  for (let n = 1; n <= options.rounds; n++) {
    const duration = options.seconds;
    rounds.push(await measure(`full speed ${n}`, pid, () => sendAtFullSpeed({ ...load, duration })));
  }
  const { rate, seconds } = options;
  rounds.push(await measure(`${rate} a second`, pid, () => sendPaced({ ...load, rate, seconds })));
  // A profile is written at an orderly end.
  coach.kill('SIGTERM');
  await once(coach, 'exit');
  return rounds;
}

async function sendAtFullSpeed(load: autocannon.Options): Promise<LoadResult> {
  const { latency, errors, timeouts, non2xx, '2xx': answered } = await autocannon(load);
  return { answered, errors: errors + timeouts + non2xx, p50Ms: latency.p50, p99Ms: latency.p99 };
}

async function measure(round: string, pid: number, send: () => Promise<LoadResult>): Promise<Round> {
  if (!options.json) process.stderr.write(`${round} …\n`);
  const before = usageOf(pid);
  const startedAt = performance.now();
  const { answered, errors, p50Ms, p99Ms } = await send();
  const seconds = (performance.now() - startedAt) / 1000;
  const { cpuMs, residentMiB } = usageOf(pid);
  const spentMs = cpuMs - before.cpuMs;
  return {
    round,
    requestsPerSecond: Math.round(answered / seconds),
    p50Ms,
    p99Ms,
    cpuMicrosPerRequest: Math.round((spentMs * 1000) / answered),
    cpuPercent: Math.round(spentMs / seconds / 10),
    residentMiB: Math.round(residentMiB),
    errors,
  };
}

/** A Node process on an IPC channel, so that it ends with this one, however that ends. */
function start([command = '', ...args]: string[], file: string, env: Record<string, string>): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(command, [...args, path], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  child.once('exit', (code) => {
    if (!child.killed) stopAndExit(1, `${file} ended by itself with ${code}`);
  });
  children.push(child);
  return child;
}

/** From the coach's own log line. */
async function listeningUrl({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the coach has no standard output');
  for await (const line of createInterface(stdout)) {
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
    if (msg !== 'listening' || url === undefined) continue;
    stdout.resume();
    return url;
  }
  throw new Error('the coach ended before it listened');
}

async function untilReady(url: string): Promise<void> {
  const giveUp = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!(await fetch(`${url}/ready`, { signal: giveUp })).ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

function report(rounds: Round[]): void {
  if (options.json) return void process.stdout.write(`${JSON.stringify(rounds)}\n`);
  console.table(Object.fromEntries(rounds.map(({ round, ...figures }) => [round, figures])));
}

function stopChildren(): void {
  for (const child of children) child.kill('SIGKILL');
}

function stopAndExit(code: number, why?: string): void {
  stopChildren();
  if (why) process.stderr.write(`${why}\n`);
  process.exit(code);
}

function parseOptions(): {
  seconds: number;
  rounds: number;
  connections: number;
  rate: number;
  profile: string | undefined;
  json: boolean;
} {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '5' },
        rounds: { type: 'string', default: '3' },
        connections: { type: 'string', default: '32' },
        rate: { type: 'string', default: '2000' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [seconds = 0, rounds = 0, connections = 0, rate = 0] = [
      values.seconds,
      values.rounds,
      values.connections,
      values.rate,
    ].map(wholeNumber);
    return { seconds, rounds, connections, rate, profile: values.profile, json: values.json };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    process.exit(2);
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new RangeError(`must be a whole number from 1 to 999999, received ${JSON.stringify(text)}`);
  return Number(text);
}
