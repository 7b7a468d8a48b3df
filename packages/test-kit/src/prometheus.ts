import { spawnSync } from 'node:child_process';
import type { Component, Finding } from './components.ts';

/** The real Prometheus. */
export const PROMETHEUS: Component<undefined> = {
  name: 'prometheus',
  find: () => findProgram('prometheus', undefined),
};

/** Its checker of metrics, rules and configuration, which Debian has in the same package; the value is what runs it. */
export const PROMTOOL: Component<Promtool> = { name: 'promtool', find: () => findProgram('promtool', runPromtool) };

/** @returns how it ended, and all that it said */
export type Promtool = (words: readonly string[], input?: string) => { exitCode: number | null; said: string };

const runPromtool: Promtool = (words, input = '') => {
  const { status, stdout, stderr } = spawnSync('promtool', words, { input, encoding: 'utf8' });
  return { exitCode: status, said: stdout + stderr };
};

function findProgram<Found>(program: string, value: Found): Finding<Found> {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return error ? { available: false, reason: `${program} is not on PATH` } : { available: true, value };
}
