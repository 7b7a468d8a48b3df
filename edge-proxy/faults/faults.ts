import { parseArgs } from 'node:util';
import { Random } from '../fuzz/random.ts';
import type { Fault } from './fault.ts';
import { fileStoreKilled } from './file-store-killed.ts';
import { keptRoutesKilled } from './kept-routes-killed.ts';
import { wholeEdges } from './whole-edges.ts';

/** `npm run faults -- [--rounds N] [--seed N] [--only NAME[,NAME…]]` */
const FAULTS: readonly Fault[] = [fileStoreKilled, keptRoutesKilled, ...wholeEdges];
const SHOWN = 10;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const rounds = values.rounds === undefined ? undefined : wholeNumber('rounds', values.rounds);
const seed = wholeNumber('seed', values.seed);

let findings = 0;
for (const fault of chosen(values.only)) findings += await play(fault);
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

function chosen(only: string | undefined): readonly Fault[] {
  if (only === undefined) return FAULTS;
  return only.split(',').map((name) => FAULTS.find((fault) => fault.name === name) ?? refuse('only', name));
}

function wholeNumber(option: string, text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : refuse(option, text);
}

function refuse(option: string, text: string): never {
  const rule = option === 'only' ? `one of ${FAULTS.map(({ name }) => name).join(', ')}` : 'a whole number from 1';
  process.stderr.write(`--${option} must be ${rule}, received ${JSON.stringify(text)}\n`);
  process.exit(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
