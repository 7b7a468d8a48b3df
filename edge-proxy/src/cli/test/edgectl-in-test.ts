import { run } from '../run.ts';
import type { Io } from '../command-context.ts';
import type { ExitCode } from '../exit-code.ts';

/** A token of the right form; what a canned edge takes. */
export const TOKEN = 'aaa.bbb.ccc';

export type Said = { code: ExitCode; out: string; err: string };

/** Where nothing is: no token of `npm start` is found there. */
export const NOWHERE = '/nowhere/fit-data';

/** Runs a command; the terminal is what `io` says, by default none. Nothing of the process's own environment counts. */
export async function edgectl(argv: readonly string[], { env = {}, ...io }: Partial<Io> = {}): Promise<Said> {
  const said = { out: '', err: '' };
  const code = await run(argv, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    colour: false,
    ...io,
    env: { FIT_DATA_DIR: NOWHERE, ...env },
  });
  return { code, ...said };
}
