import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import { fileStoreKilled } from '../../../faults/file-store-killed.ts';
import { keptRoutesKilled } from '../../../faults/kept-routes-killed.ts';
import { WriterProcess } from '../../../faults/writer-process.ts';
import { Random } from '../../../fuzz/random.ts';
import { nextState } from '../../domain/route-state.ts';
import type { RouteState } from '../../domain/route-state.ts';
import { EVERYBODY } from '../../domain/weight.ts';
import { openFileStore } from '../file-store.ts';

/** Real faults, met by separate processes. `npm run faults` does the kills more often. */

const SEED = Math.floor(Math.random() * 1e6);
const logger = createLogger('edge-proxy', 'silent');

let folder: string;
let writer: WriterProcess<Fact> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-faults-'));
});
afterEach(async () => {
  await writer?.kill();
  await rm(folder, { recursive: true });
});

type Fact = { acknowledged?: RouteState; refused?: string };

/** Starts a process that keeps changing the route `wod`. */
function startChanging(limit = ''): WriterProcess<Fact> {
  writer = new WriterProcess<Fact>(join(import.meta.dirname, 'keep-changing.ts'), [folder], limit);
  return writer;
}

test.each([
  { rounds: 20, fault: fileStoreKilled },
  { rounds: 5, fault: keptRoutesKilled },
])(
  `$rounds times $fault.name loses nothing that was acknowledged (seed ${SEED})`,
  async ({ rounds, fault }) => {
    expect(await fault.run({ rounds, random: new Random(SEED), progress: () => undefined })).toEqual([]);
  },
  60_000,
);

test('a second process is refused, and told who owns the folder, until the first one dies', async () => {
  const owner = startChanging();
  for await (const { acknowledged } of owner.facts()) if (acknowledged) break;
  await expect(openFileStore({ folder, logger })).rejects.toMatchObject({
    code: 'folder-in-use',
    message: expect.stringContaining(`in use by process ${owner.pid}`),
  });
  await owner.kill();
  const { store } = await openFileStore({ folder, logger });
  expect((await store.load()).states.has('wod')).toBe(true);
  await store.close();
});

test('a full disk refuses the change, keeps the last one, and is over once there is room', async () => {
  // A limit on the size of files fails as a full disk does, in the middle of an entry, and needs no mount.
  let last: RouteState | undefined;
  let refused: string | undefined;
  for await (const fact of startChanging('ulimit -f 16;').facts()) {
    last = fact.acknowledged ?? last;
    refused = fact.refused ?? refused;
  }
  expect(refused).toBe('EFBIG');
  const { store, report } = await openFileStore({ folder, logger });
  expect(report).toMatchObject({ entries: last!.revision, cutOffBytes: 0 });
  expect((await store.load()).states.get('wod')).toEqual(last);
  const author = { changedBy: 'ops', reason: 'there is room again' };
  const next = nextState(last!, { weight: EVERYBODY }, author, new Date());
  expect(await store.append(next, last!.revision)).toEqual({ kind: 'written' });
  await store.close();
});
