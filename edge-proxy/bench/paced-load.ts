import { readFileSync, rmSync } from 'node:fs';
import { percentile } from './figures.ts';
import { runProgram } from './children.ts';
import { cores } from './machine.ts';

/** Each connection sends at its own even pace; started this far apart, they are spread over it. */
const CONNECTIONS = 100;
const START_EVERY_MS = 7;
const ALL_STARTED_SECONDS = 1;

export type PacedOptions = {
  url: string;
  token: string;
  /** Requests a second in all. */ rate: number;
  seconds: number;
  logFile: string;
};

export type PacedResult = { p50Micros: number; p99Micros: number; requestsPerSecond: number; errors: number };

/**
 * A fixed rate, whether answers come or not, by h2load: its log has each request to the microsecond at a small part of
 * the cost of a generator in Node. With `-D` it would send for all connections at once, in bursts of 100.
 */
export async function sendPaced({ url, token, rate, seconds, logFile }: PacedOptions): Promise<PacedResult> {
  const perConnection = rate / CONNECTIONS;
  const requests = rate * (seconds + ALL_STARTED_SECONDS);
  const load = [
    ['--h1', '-t', '1', '-c', CONNECTIONS, '--rps', perConnection, '-n', requests],
    ['-r', '1', `--rate-period=${START_EVERY_MS}ms`, `--log-file=${logFile}`],
    [
      '-H',
      `Authorization: Bearer ${token}`,
      '-H',
      'Accept: application/json',
      '-H',
      'Accept-Encoding: gzip, deflate, br',
    ],
    [url],
  ];
  rmSync(logFile, { force: true });
  const timeoutMs = (seconds + ALL_STARTED_SECONDS) * 1000 + 30_000;
  await runProgram(['h2load', ...load.flat().map(String)], { cpus: cores.others, timeoutMs });
  return parsePaced(readFileSync(logFile, 'utf8'), {
    fromSeconds: ALL_STARTED_SECONDS,
    seconds,
    periodMicros: 1_000_000 / perConnection,
  });
}

export type PacedWindow = {
  fromSeconds: number;
  seconds: number;
  /** Between two requests of one connection. */ periodMicros: number;
};

/**
 * Reads h2load's log: start in microseconds, status (-1 for none), microseconds until the answer's end.
 *
 * A connection that waits for an answer sends its next request late, so a long wait hides those who would have come in
 * it (Tene's "coordinated omission"): for each answer that took longer than the period, the requests that were due while
 * it did are counted with what they would have waited, as HdrHistogram does.
 */
export function parsePaced(log: string, { fromSeconds, seconds, periodMicros }: PacedWindow): PacedResult {
  const rows = log.split('\n').flatMap((line) => {
    const [startMicros = Number.NaN, status = 0, micros = 0] = line.split('\t').map(Number);
    return line === '' ? [] : [{ startMicros, status, micros }];
  });
  const firstMicros = rows.reduce((first, { startMicros }) => Math.min(first, startMicros), Infinity);
  const [from, to] = [fromSeconds, fromSeconds + seconds].map((at) => firstMicros + at * 1_000_000) as [number, number];
  const inWindow = rows.filter(({ startMicros }) => startMicros >= from && startMicros < to);
  const answered = inWindow.filter(({ status }) => status === 200);
  const waits = answered.flatMap(({ micros }) => withOmitted(micros, periodMicros));
  return {
    p50Micros: percentile(waits, 0.5),
    p99Micros: percentile(waits, 0.99),
    requestsPerSecond: answered.length / seconds,
    errors: rows.filter(({ status }) => status !== 200).length,
  };
}

function withOmitted(micros: number, periodMicros: number): number[] {
  const omitted = Math.max(0, Math.ceil(micros / periodMicros) - 1);
  return Array.from({ length: omitted + 1 }, (_, index) => micros - index * periodMicros);
}
