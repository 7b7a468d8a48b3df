import { parseArgs } from 'node:util';
import { FAULTS } from './coach-orders.ts';
import type { Fault } from './coach-orders.ts';

export const USAGE = `npm run demo -- [--fault FAULT] [--fast]

Plays a migration with real processes on free ports of this machine, in about two minutes: a good release is ramped
from 0 to 100 %; the next one turns bad at 25 % and is rolled back; mended, it is ramped again while the edge that
leads is killed. Everything that it starts ends with it. Exit code 0: it went as promised; 1: it did not.

  --fault FAULT  how the release turns bad: errors (500; the default), slow (later than the objective),
                 wrong (200 with five exercises or one of them twice), unauthorized (401 for every token)
  --fast         shorter steps
  --help
`;

export type DemoOptions = { kind: 'help' } | { kind: 'play'; fault: Fault; isFast: boolean };

/** @throws Error that says what is wrong */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', default: 'errors' },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  const fault = FAULTS.find((each) => each === values.fault);
  if (fault) return { kind: 'play', fault, isFast: values.fast };
  throw new RangeError(`--fault must be one of ${FAULTS.join(', ')}, received ${JSON.stringify(values.fault)}`);
}
