import { parseArgs } from 'node:util';
import { availableParallelism } from 'node:os';
import { EXPERIMENTS } from './experiments.ts';

const NAMES: readonly string[] = EXPERIMENTS.map(({ name }) => name);

export const USAGE = `usage: npm run simulate -- [OPTION ...]
  --runs N          simulated days of each kind of traffic (300); of a worse coach a third, of what is never promoted
                    a hundredth of them
  --seed N          other ramps, from 0 to 4294967295 (1)
  --only NAMES      only these, separated by commas: ${NAMES.join(', ')}
  --threads N       at once (as many as there are cores)
  --out FILE        also writes a chart as an SVG
  --help            this text
`;

export type SimulateOptions = {
  readonly runs: number;
  readonly seed: number;
  readonly only: readonly string[];
  readonly threads: number;
  readonly out: string | undefined;
};

/** @throws Error that says what is wrong with the words given */
export function readOptions(argv: readonly string[]): SimulateOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: NAMES.join(',') },
      threads: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    runs: wholeNumber(values.runs, '--runs', { least: 1, most: 100_000 }),
    seed: wholeNumber(values.seed, '--seed', { least: 0, most: 2 ** 32 - 1 }),
    only: values.only.split(',').map(nameOfExperiment),
    threads: wholeNumber(values.threads, '--threads', { least: 1, most: 256 }),
    out: values.out,
  };
}

function nameOfExperiment(name: string): string {
  if (NAMES.includes(name)) return name;
  throw new RangeError(`--only must name some of ${NAMES.join(', ')}, received ${JSON.stringify(name)}`);
}

function wholeNumber(text: string, option: string, { least, most }: { least: number; most: number }): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value;
  throw new RangeError(`${option} must be a whole number from ${least} to ${most}, received ${JSON.stringify(text)}`);
}
