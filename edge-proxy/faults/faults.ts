import { parseArgs } from 'node:util';
import { Random } from '../fuzz/random.ts';
import type { Fault } from './fault.ts';
import { fileStoreKilled } from './file-store-killed.ts';
import { keptRoutesKilled } from './kept-routes-killed.ts';
import { wholeEdges } from './whole-edges.ts';

const FAULTS: readonly Fault[] = [fileStoreKilled, keptRoutesKilled, ...wholeEdges];
const SHOWN = 10;
const NAMES = FAULTS.map(({ name }) => name).join(', ');
const USAGE = `usage: npm run faults -- [--rounds N] [--seed N] [--only NAME[,NAME…]] [--help]
  names: ${NAMES}
`;

const { rounds, seed, faults } = optionsOrExit();

let findings = 0;
for (const fault of faults) findings += await play(fault);
print(findings === 0 ? 'Nothing found.' : `${findings} findings.`);
process.exit(findings === 0 ? 0 : 1);

async function play(fault: Fault): Promise<number> {
  const count = rounds ?? fault.rounds;
  print(`${fault.name}: ${fault.what}`);
  const start = performance.now();
  const found = await fault.run({ rounds: count, random: new Random(seed), progress: (line) => print(`  ${line}`) });
  print(`  ${count} rounds of seed ${seed} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  for (const finding of found.slice(0, SHOWN)) print(`  FINDING: ${finding}`);
  if (found.length > SHOWN) print(`  and ${found.length - SHOWN} more`);
  return found.length;
}

function optionsOrExit() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      print(USAGE.trimEnd());
      process.exit(0);
    }
    return {
      rounds: values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds),
      seed: wholeNumber('seed', values.seed),
      faults: values.only?.split(',').map(faultOf) ?? FAULTS,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

/** @throws RangeError */
function faultOf(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (!found) throw new RangeError(`--only must be one of ${NAMES}, received ${JSON.stringify(name)}`);
  return found;
}

/** @throws RangeError */
function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RangeError(`--${option} must be a whole number from 1, received ${JSON.stringify(text)}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
