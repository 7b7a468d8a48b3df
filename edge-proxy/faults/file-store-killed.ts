import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import { LOG_NAME, openFileStore } from '../src/adapters/file-store.ts';
import type { RouteState } from '../src/domain/route-state.ts';
import type { Fault, FaultRun } from './fault.ts';
import { WriterProcess } from './writer-process.ts';

const SCRIPT = join(import.meta.dirname, '../src/adapters/test/keep-changing.ts');
const MOST_CHANGES = 40;
const MOST_MS = 3;

/** The process that owns a file store dies while it writes; the store is opened again. */
export const fileStoreKilled: Fault = {
  name: 'file-store-killed',
  what: 'kill -9 of a process that writes to the file store, at a random moment; the store is opened again each time',
  rounds: 200,
  run: async (run) => {
    const folder = await mkdtemp(join(tmpdir(), 'file-store-killed-'));
    try {
      return await killAgainAndAgain(folder, run);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function killAgainAndAgain(folder: string, { rounds, random, progress }: FaultRun): Promise<string[]> {
  const found: string[] = [];
  const acknowledged: RouteState[] = [];
  let tornEnds = 0;
  for (let round = 1; round <= rounds; round++) {
    const writer = new WriterProcess<{ acknowledged: RouteState }>(SCRIPT, [folder]);
    const facts = await writer.killAfter({ facts: 1 + random.int(MOST_CHANGES), ms: random.int(MOST_MS + 1) });
    acknowledged.push(...facts.map((fact) => fact.acknowledged));
    const { revision, cutOffBytes } = await reopen(folder);
    if (cutOffBytes > 0) tornEnds++;
    const last = acknowledged.at(-1)!.revision;
    // The write under way when the process died may have become whole; nobody was told.
    if (revision !== last && revision !== last + 1) {
      found.push(`round ${round}: revision ${last} was acknowledged, stored is ${revision}`);
    }
  }
  found.push(...(await whatIsLost(folder, acknowledged)));
  progress(`${acknowledged.length} changes acknowledged, ${tornEnds} torn writes cut off`);
  return found;
}

async function reopen(folder: string): Promise<{ revision: number; cutOffBytes: number }> {
  const { store, report } = await openFileStore({ folder, logger: createLogger('edge-proxy', 'silent') });
  const { states } = await store.load();
  await store.close();
  return { revision: states.get('wod')?.revision ?? 0, cutOffBytes: report.cutOffBytes };
}

async function whatIsLost(folder: string, acknowledged: readonly RouteState[]): Promise<string[]> {
  const lines = (await readFile(join(folder, LOG_NAME), 'utf8')).trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { revision: number; weightHundredths: number });
  const weights = new Map(entries.map(({ revision, weightHundredths }) => [revision, weightHundredths]));
  return acknowledged
    .filter(({ revision, weight }) => weights.get(revision) !== weight)
    .map(({ revision }) => `revision ${revision} was acknowledged and is not in the log as it was`);
}
