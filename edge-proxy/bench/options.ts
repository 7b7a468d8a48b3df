import { parseArgs } from 'node:util';
import { PROXIES } from './proxies.ts';
import { SERIES } from './series.ts';
import type { SeriesName } from './series.ts';

const NAMES: readonly string[] = PROXIES.map(({ name }) => name);

export const USAGE = `usage: npm run bench -- [OPTION ...]
What it measures (by default: all proxies against each other, memory, features, the aims):
  --features        only the share of the edge's CPU that its features take
  --series NAME     only the edge, as one thing grows: ${SERIES.join(' or ')}
  --soak MINUTES    only the edge, under a load of which 5 % is aborted
  --only NAMES      only these proxies, separated by commas: ${NAMES.join(', ')}
How:
  --rounds N        rounds through all proxies (5)
  --seconds N       length of each slice of a round (5)
What comes out:
  --json            figures as JSON alone
  --chart FILE      also writes CPU per request as an SVG
  --help            this text
`;

export type BenchOptions = {
  mode:
    | { kind: 'compare' }
    | { kind: 'features' }
    | { kind: 'series'; name: SeriesName }
    | { kind: 'soak'; minutes: number };
  only: string[] | undefined;
  rounds: number;
  seconds: number;
  json: boolean;
  chart: string | undefined;
};

/** @throws Error that says what is wrong with the words given */
export function readOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      features: { type: 'boolean', default: false },
      series: { type: 'string' },
      soak: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      chart: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const mode = modeOf(values);
  if (mode.kind !== 'compare' && (values.chart !== undefined || values.only !== undefined)) {
    throw new RangeError('--chart and --only are for the comparison of proxies');
  }
  return {
    mode,
    only: values.only?.split(',').map((name) => oneOf(NAMES, name, '--only')),
    rounds: wholeNumber(values.rounds, '--rounds'),
    seconds: wholeNumber(values.seconds, '--seconds'),
    json: values.json,
    chart: values.chart,
  };
}

function modeOf({
  features,
  series,
  soak,
}: {
  features: boolean;
  series?: string;
  soak?: string;
}): BenchOptions['mode'] {
  if ([features, series !== undefined, soak !== undefined].filter(Boolean).length > 1) {
    throw new RangeError('--features, --series and --soak exclude each other');
  }
  if (features) return { kind: 'features' };
  if (series !== undefined) return { kind: 'series', name: oneOf(SERIES, series, '--series') as SeriesName };
  if (soak !== undefined) return { kind: 'soak', minutes: wholeNumber(soak, '--soak') };
  return { kind: 'compare' };
}

function oneOf(names: readonly string[], name: string, option: string): string {
  if (names.includes(name)) return name;
  throw new RangeError(`${option} must name one of ${names.join(', ')}, received ${JSON.stringify(name)}`);
}

function wholeNumber(text: string, option: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new RangeError(`${option} must be a whole number from 1 to 9999, received ${JSON.stringify(text)}`);
}
