import type { Random } from '../fuzz/random.ts';

export type FaultRun = {
  /** From 1. */
  rounds: number;
  /** Decides the moments. */
  random: Random;
  /** Told what happened, a line each. */
  progress: (line: string) => void;
};

/** Something that breaks an edge, or a part of it, in a way that cannot be simulated. */
export type Fault = {
  /** As `--only` takes it. */
  readonly name: string;
  readonly what: string;
  /** How often it is done unless the command says otherwise. */
  readonly rounds: number;
  /** Does it again and again. @returns what was found wrong, nothing if all is well */
  readonly run: (run: FaultRun) => Promise<readonly string[]>;
};
