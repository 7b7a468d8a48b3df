import { spawnSync } from 'node:child_process';
import type { Component } from './components.ts';

/** Prometheus' own checker; the value is what runs it. */
export const PROMTOOL: Component<Promtool> = {
  name: 'promtool',
  find: () => {
    const { error } = spawnSync('promtool', ['--version'], { stdio: 'ignore' });
    return error ? { available: false, reason: 'promtool is not on PATH' } : { available: true, value: runPromtool };
  },
};

/** @returns how it ended, and all that it said */
export type Promtool = (words: readonly string[], input?: string) => { exitCode: number | null; said: string };

const runPromtool: Promtool = (words, input = '') => {
  const { status, stdout, stderr } = spawnSync('promtool', words, { input, encoding: 'utf8' });
  return { exitCode: status, said: stdout + stderr };
};
