import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import { KeptRoutesFile } from '../src/adapters/kept-routes-file.ts';
import type { Fault, FaultRun } from './fault.ts';
import { WriterProcess } from './writer-process.ts';

const SCRIPT = join(import.meta.dirname, '../src/adapters/test/keep-saving.ts');
const MOST_SAVES = 20;
const MOST_MS = 3;

/** A replica dies while it notes what it knows. */
export const keptRoutesKilled: Fault = {
  name: 'kept-routes-killed',
  what: 'kill -9 of a process that saves what it knows of its routes, at a random moment; the file is read each time',
  rounds: 200,
  run: async (run) => {
    const folder = await mkdtemp(join(tmpdir(), 'kept-routes-killed-'));
    try {
      return await killAgainAndAgain(folder, run);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function killAgainAndAgain(folder: string, { rounds, random, progress }: FaultRun): Promise<string[]> {
  const found: string[] = [];
  let saves = 0;
  for (let round = 1; round <= rounds; round++) {
    const writer = new WriterProcess<{ saved: number }>(SCRIPT, [folder]);
    const facts = await writer.killAfter({ facts: 1 + random.int(MOST_SAVES), ms: random.int(MOST_MS + 1) });
    saves += facts.length;
    const last = facts.at(-1)!.saved;
    const kept = await revisionsKept(folder);
    // The save under way when the process died may have become whole.
    if (kept !== `${last}` && kept !== `${last + 1}`)
      found.push(`round ${round}: save ${last} was told, kept is ${kept}`);
  }
  progress(`${saves} saves told`);
  return found;
}

/** The revision of all routes and of the rollback beside them, or what the log says. */
async function revisionsKept(folder: string): Promise<string> {
  const logged: string[] = [];
  const logger = createLogger('edge-proxy', 'warn', {
    write: (line) => void logged.push((JSON.parse(line) as { msg: string }).msg),
  });
  const { states, pending } = await new KeptRoutesFile({ folder, logger }).load();
  const revisions = [...states.values(), ...pending].map(({ revision }) => revision);
  return [...new Set(revisions), ...logged].join(', ');
}
