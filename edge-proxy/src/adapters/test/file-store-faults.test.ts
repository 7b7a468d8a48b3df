import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLogger } from '@fit/service-kit/logger';
import { nextState } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { EVERYBODY } from '../../domain/weight.ts';
import { LOG_NAME, openFileStore } from '../file-store.ts';

/** Real faults, met by separate processes. */

const KILLS = 20;
const SCRIPT = join(import.meta.dirname, 'keep-changing.ts');
const logger = createLogger('edge-proxy', 'silent');

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-faults-'));
});
afterEach(async () => {
  if (child) await kill(child);
  await rm(folder, { recursive: true });
});

type Fact = { acknowledged?: RouteState; refused?: string };

/** Starts a process that keeps changing the route `wod`. */
function startChanging(limit = ''): { process: ChildProcess; facts: AsyncIterable<Fact> } {
  const started = spawn('sh', ['-c', `${limit} exec "$0" "$@"`, process.execPath, SCRIPT, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  return { process: started, facts: factsOf(started) };
}

async function* factsOf({ stdout }: ChildProcess): AsyncIterable<Fact> {
  for await (const line of createInterface({ input: stdout! })) yield JSON.parse(line) as Fact;
}

async function kill(victim: ChildProcess): Promise<void> {
  if (victim.exitCode !== null || victim.signalCode !== null) return;
  const exited = once(victim, 'exit');
  victim.kill('SIGKILL');
  await exited;
}

async function storedState(): Promise<RouteState> {
  const { store } = await openFileStore({ folder, logger });
  const state = (await store.load()).get('wod');
  await store.close();
  return state!;
}

/** Weights by revision, as the log has them. */
async function loggedWeights(): Promise<Map<number, number>> {
  const lines = (await readFile(join(folder, LOG_NAME), 'utf8')).trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { revision: number; weightHundredths: number });
  return new Map(entries.map(({ revision, weightHundredths }) => [revision, weightHundredths]));
}

test(`${KILLS} times kill -9 at a random moment of writing loses nothing that was acknowledged`, async () => {
  const acknowledged: RouteState[] = [];
  for (let round = 1; round <= KILLS; round++) {
    const writing = startChanging();
    let acknowledgementsLeft = 1 + Math.floor(Math.random() * 40);
    // The process writes on while it is being killed: what it still acknowledged counts too.
    for await (const fact of writing.facts) {
      acknowledged.push(fact.acknowledged!);
      if (--acknowledgementsLeft === 0) writing.process.kill('SIGKILL');
    }
    await kill(writing.process);

    const stored = await storedState();
    const last = acknowledged.at(-1)!;
    // The write under way when the process died may have become whole; nobody was told.
    expect([last.revision, last.revision + 1]).toContain(stored.revision);
    const logged = await loggedWeights();
    expect(acknowledged.filter(({ revision, weight }) => logged.get(revision) !== weight)).toEqual([]);
  }
}, 60_000);

test('a second process is refused, and told who owns the folder, until the first one dies', async () => {
  const { process: owner, facts } = startChanging();
  for await (const { acknowledged } of facts) if (acknowledged) break;
  await expect(openFileStore({ folder, logger })).rejects.toMatchObject({
    code: 'folder-in-use',
    message: expect.stringContaining(`in use by process ${owner.pid}`),
  });
  await kill(owner);
  expect((await storedState()).route).toBe('wod');
});

test('a full disk refuses the change, keeps the last one, and is over once there is room', async () => {
  // A limit on the size of files fails as a full disk does, in the middle of an entry, and needs no mount.
  const { facts } = startChanging('ulimit -f 16;');
  let last: RouteState | undefined;
  let refused: string | undefined;
  for await (const fact of facts) {
    last = fact.acknowledged ?? last;
    refused = fact.refused ?? refused;
  }
  expect(refused).toBe('EFBIG');
  const { store, report } = await openFileStore({ folder, logger });
  expect(report).toMatchObject({ entries: last!.revision, cutOffBytes: 0 });
  expect((await store.load()).get('wod')).toEqual(last);
  const next = nextState(last!, { weight: EVERYBODY, changedBy: 'ops', reason: 'there is room again' }, new Date());
  expect(await store.append(next, last!.revision)).toEqual({ kind: 'written' });
  await store.close();
});
