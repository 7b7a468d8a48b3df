import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import { benchEdge } from './bench-edge.ts';
import { benchMemory } from './bench-memory.ts';
import { benchMerge } from './bench-merge.ts';
import { benchServices } from './bench-services.ts';
import { benchStore } from './bench-store.ts';
import { benchTls } from './bench-tls.ts';
import type { Found } from './measured.ts';
import { readMeasured, updated, writeMeasured } from './measured.ts';

/** What docs/scale.md is computed from: CPU time, commands and bytes of each part. */
const USAGE = `usage: npm run bench:scale -- [--only PART,PART] [--write]
  --only    some of edge, services, store, merge, memory, tls (all)
  --write   into edge-proxy/scale/measured.json; then npm run scale
`;
const LONGEST_MS = 15 * 60_000;

type Say = (text: string) => void;
const PARTS: Readonly<Record<string, (folder: string, say: Say) => Promise<Found> | Found>> = {
  edge: benchEdge,
  services: benchServices,
  store: benchStore,
  merge: (_folder, say) => benchMerge(say),
  memory: () => benchMemory(),
  tls: benchTls,
};

const { only, write } = optionsOrExit();
const folder = mkdtempSync(join(tmpdir(), 'scale-'));
// PostgreSQL is another user's.
chmodSync(folder, 0o755);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
setTimeout(() => {
  process.stderr.write('the bench did not end in time\n');
  process.exit(1);
}, LONGEST_MS).unref();

for (const name of only) {
  const found = await PARTS[name]!(folder, (text) => process.stderr.write(`${text} …\n`));
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  const origin = { machine: describeMachine(), date: new Date().toISOString().slice(0, 10) };
  if (write) writeMeasured(updated(readMeasured(), found, origin));
}
process.exit(0);

function optionsOrExit(): { only: string[]; write: boolean } {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean', default: false } } });
    const names = values.only?.split(',') ?? Object.keys(PARTS);
    const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
    if (unknown === undefined) return { only: names, write: values.write };
    throw new RangeError(`--only must name parts, received ${JSON.stringify(unknown)}`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}
