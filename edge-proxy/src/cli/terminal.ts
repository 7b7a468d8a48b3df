import { createInterface } from 'node:readline/promises';
import type { Io } from './command-context.ts';

/** Of a terminal that does not say how large it is. */
const USUAL = { columns: 80, rows: 24 };

/** The process's own terminal, or pipes where it has none. */
export function processIo(): Io {
  const { stdin, stdout, stderr, env } = process;
  // Whoever reads the output, such as head, may have seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    env,
    colour: stdout.isTTY && !env['NO_COLOR'],
    ...(stdout.isTTY && { columns: () => stdout.columns || USUAL.columns, rows: () => stdout.rows || USUAL.rows }),
    ...(stdin.isTTY && stderr.isTTY && { ask }),
    interrupted,
  };
}

/** On standard error: standard output may go to a file. Ctrl-C and Ctrl-D give up. */
async function ask(question: string): Promise<string | undefined> {
  using lines = createInterface({ input: process.stdin, output: process.stderr });
  const givenUp = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) lines.once(event, () => givenUp.abort());
  try {
    return await lines.question(question, { signal: givenUp.signal });
  } catch (error) {
    if (!givenUp.signal.aborted) throw error;
    process.stderr.write('\n');
    return undefined;
  }
}

function interrupted(): AbortSignal {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  return ended.signal;
}
