import { parseArgs } from 'node:util';
import { TOPOLOGIES } from '@fit/nginx/topology';
import type { Topology } from '@fit/nginx/topology';

export type StartArguments = { topology: Topology; isWatching: boolean };

const USAGE = `npm start -- [--topology ${TOPOLOGIES.join('|')}]

  --topology edge    Nginx before the edge, where it is installed (default)
  --topology direct  no edge in the path: Nginx itself splits the users`;

/** @throws Error naming the word that is wrong */
export function readArguments(): StartArguments {
  const { values } = parse();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const topology = TOPOLOGIES.find((each) => each === values.topology);
  if (!topology) {
    throw new Error(`--topology must be one of ${TOPOLOGIES.join(', ')}, received ${JSON.stringify(values.topology)}`);
  }
  return { topology, isWatching: values.watch };
}

function parse() {
  const options = {
    topology: { type: 'string', default: 'edge' },
    watch: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
}
