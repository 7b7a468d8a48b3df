import { InvalidArgumentError } from 'commander';
import { parseReason } from './arguments.ts';
import type { Io } from './command-context.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { printable } from './printable.ts';

/** The reason that was given with the command, or on a terminal the answer to the question. */
export async function reasonFor(given: string | undefined, { ask }: Io): Promise<string> {
  if (given !== undefined) return given;
  if (!ask) throw new CommandError(EXIT.usage, 'a change needs its reason: --reason TEXT');
  try {
    return parseReason((await ask('Why? (for the audit log) ')) ?? '');
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new CommandError(EXIT.usage, `no reason, and nothing is changed. ${error.message}`, { cause: error });
  }
}

/**
 * @param describe what is about to happen, in a sentence; called only where somebody can be asked
 * @throws CommandError unless somebody agreed
 */
export async function confirm(isAgreed: boolean, { ask }: Io, describe: () => Promise<string>): Promise<void> {
  if (isAgreed) return;
  const sentence = ask && printable(await describe());
  const answer = await ask?.(`${sentence}\nGo on? [y/N] `);
  if (!/^\s*y(es)?\s*$/i.test(answer ?? '')) throw new CommandError(EXIT.usage, 'not confirmed; nothing is changed');
}
