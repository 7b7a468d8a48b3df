import { fileURLToPath } from 'node:url';
import { runProgram } from './children.ts';
import { cores } from './machine.ts';

const SCRIPT = fileURLToPath(new URL('tokens.lua', import.meta.url));

export type WrkOptions = {
  url: string;
  connections: number;
  seconds: number;
  /** Lines of `PATH<tab>TOKEN`. */
  requestFile: string;
};

/** What was answered, and in how long; `errors` are answers of 4xx and 5xx and connections that failed. */
export type WrkResult = { requests: number; seconds: number; errors: number };

/** As many requests as the other side takes, each connection sending its next one when it has its answer. */
export async function sendAtFullSpeed({ url, connections, seconds, requestFile }: WrkOptions): Promise<WrkResult> {
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT, url, '--', requestFile];
  return parseWrk(await runProgram(['wrk', ...load], { cpus: cores.others, timeoutMs: seconds * 1000 + 30_000 }));
}

/** @throws Error if the script's line is missing */
export function parseWrk(output: string): WrkResult {
  const line = /^result (\{.*\})$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk gave no result:\n${output}`);
  const { requests, durationMicros, errors } = JSON.parse(line) as {
    requests: number;
    durationMicros: number;
    errors: Record<string, number>;
  };
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  return { requests, seconds: durationMicros / 1_000_000, errors: failed };
}
