import { execFileSync } from 'node:child_process';
import type { Component } from './components.ts';

/** Writes what a folder with a `kustomization.yaml` stands for, as YAML documents. */
export type Kustomize = (folder: string) => string;

/** In this order: kustomize itself, then kubectl, which brings one along; each with words that show that it is there. */
const PROGRAMS = [
  { program: 'kustomize', build: 'build', probe: ['version'] },
  { program: 'kubectl', build: 'kustomize', probe: ['version', '--client'] },
] as const;

/** A real kustomize. */
export const KUSTOMIZE: Component<Kustomize> = {
  name: 'kustomize',
  find: () => {
    const found = PROGRAMS.find(({ program, probe }) => starts(program, probe));
    if (!found) return { available: false, reason: 'neither kustomize nor kubectl is on PATH' };
    const { program, build } = found;
    return { available: true, value: (folder) => execFileSync(program, [build, folder], { encoding: 'utf8' }) };
  },
};

function starts(program: string, words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
