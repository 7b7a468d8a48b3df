import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import { revision } from '../domain/weight.ts';
import { LOG_NAME, openFileStore } from './file-store.ts';
import { leaderContract } from './leader.contract.ts';
import { encodeLine } from './route-log.ts';
import { routeStoreContract } from './route-store.contract.ts';
import { stateAt } from './test/sample-state.ts';

let folder: string;
let log: string;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-'));
  log = join(folder, LOG_NAME);
  logged = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(line) });
const openStore = async (openFile = open) => await openFileStore({ folder, logger, openFile });

routeStoreContract('FileStore', async () => (await openStore()).store);
leaderContract('FileStore', async () => (await openStore()).store);

/** A log of `count` changes to one route. */
async function writeSteps(count: number): Promise<void> {
  const { store } = await openStore();
  for (let step = 1; step <= count; step++) await store.append(stateAt({ revision: step }), revision(step - 1));
  await store.close();
}

describe('opened again', () => {
  test('has every route as it was', async () => {
    const { store } = await openStore();
    await store.append(stateAt({ revision: 1 }), revision(0));
    await store.append(stateAt({ route: 'history', revision: 1 }), revision(0));
    await store.append(stateAt({ revision: 2, weight: 5000 }), revision(1));
    const before = await store.load();
    await store.close();

    const reopened = await openStore();
    expect(await reopened.store.load()).toEqual(before);
    expect(reopened.report).toEqual({ file: log, entries: 3, cutOffBytes: 0 });
    await reopened.store.close();
  });

  test('the log keeps every change in its order, one line of JSON each, for its owner alone', async () => {
    await writeSteps(3);
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { schemaVersion: 1, route: 'wod', revision: 1, changedBy: 'ops@fit.example', reason: 'step 1' },
      { schemaVersion: 1, route: 'wod', revision: 2, changedBy: 'ops@fit.example', reason: 'step 2' },
      { schemaVersion: 1, route: 'wod', revision: 3, changedBy: 'ops@fit.example', reason: 'step 3' },
    ]);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });
});

test('what is put back must be the next revision: the log has no gaps', async () => {
  await writeSteps(2);
  const { store } = await openStore();
  const refused = await store.repair(stateAt({ revision: 7 }));
  expect(refused).toMatchObject({
    kind: 'unavailable',
    cause: new RangeError('The revision after 2 is 3, received 7'),
  });
  expect(await store.repair(stateAt({ revision: 3 }))).toEqual({ kind: 'written' });
  await store.close();
  const reopened = await openStore();
  expect(reopened.report).toMatchObject({ entries: 3 });
  await reopened.store.close();
});

describe('a torn end', () => {
  test('at any byte of the last entry is cut off, reported, and written over by the next change', async () => {
    await writeSteps(2);
    const whole = await readFile(log);
    const last = encodeLine(stateAt({ revision: 3 }));
    for (let torn = 1; torn < last.length; torn++) {
      await writeFile(log, Buffer.concat([whole, last.subarray(0, torn)]));
      const { store, report } = await openStore();
      expect(report).toEqual({ file: log, entries: 2, cutOffBytes: torn });
      expect(await readFile(log)).toEqual(whole);
      expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 2 }));
      expect(await store.append(stateAt({ revision: 3 }), revision(2))).toEqual({ kind: 'written' });
      expect(await readFile(log)).toEqual(Buffer.concat([whole, last]));
      await store.close();
    }
    expect(logged).toHaveLength(last.length - 1);
    expect(JSON.parse(logged[0]!)).toMatchObject({ level: 'warn', file: log, cutOffBytes: 1 });
  });
});

describe('damage before the end', () => {
  test('refuses the start, names file and line, and changes nothing', async () => {
    await writeSteps(3);
    const damaged = (await readFile(log, 'utf8')).replace('step 2', 'step 7');
    await writeFile(log, damaged);
    const refusal = {
      code: 'store-damaged',
      line: 2,
      message: expect.stringContaining(`${log}, line 2 is damaged: its checksum does not match. Nothing was changed.`),
    };
    await expect(openStore()).rejects.toMatchObject(refusal);
    await expect(openStore()).rejects.toMatchObject(refusal);
    expect(await readFile(log, 'utf8')).toBe(damaged);
  });

  test('is repaired by keeping the lines before it', async () => {
    await writeSteps(3);
    const firstLine = (await readFile(log)).indexOf('\n') + 1;
    await appendFile(log, 'garbage\n');
    await expect(openStore()).rejects.toMatchObject({ line: 4 });
    await truncate(log, firstLine);
    const { store } = await openStore();
    expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
    await store.close();
  });
});

describe('a write that fails', () => {
  const disk = { writes: 'works', syncs: 'works', truncates: 'works' };
  const ioError = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });

  beforeEach(() => {
    Object.assign(disk, { writes: 'works', syncs: 'works', truncates: 'works' });
  });

  /** Node's own `open`, on a disk that fails when it is told to. */
  const openOnFaultyDisk = (async (...args: Parameters<typeof open>) => {
    const handle = await open(...args);
    const write: (bytes: Buffer, offset: number, length: number, position: number) => unknown =
      handle.write.bind(handle);
    const datasync = handle.datasync.bind(handle);
    const truncateTo = handle.truncate.bind(handle);
    handle.write = (async (bytes: Buffer, offset: number, length: number, position: number) => {
      if (disk.writes === 'fails') throw ioError;
      if (disk.writes === 'works') return await write(bytes, offset, length, position);
      disk.writes = 'fails';
      return await write(bytes, offset, Math.ceil(length / 2), position);
    }) as typeof handle.write;
    handle.datasync = async () => {
      if (disk.syncs === 'works') return await datasync();
      disk.syncs = 'works';
      throw ioError;
    };
    handle.truncate = async (length) => {
      if (disk.truncates === 'fails') throw ioError;
      await truncateTo(length);
    };
    return handle;
  }) as typeof open;

  test.each([
    ['before its first byte', { writes: 'fails' }],
    ['half way', { writes: 'fails half way' }],
    ['when it is synced', { syncs: 'fails once' }],
  ])('%s is refused and leaves nothing behind', async (_, fault) => {
    await writeSteps(1);
    const whole = await readFile(log);
    const { store } = await openStore(openOnFaultyDisk);
    Object.assign(disk, fault);
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({
      kind: 'unavailable',
      cause: ioError,
    });
    expect(await readFile(log)).toEqual(whole);
    expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));

    disk.writes = 'works';
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'written' });
    await store.close();
    const reopened = await openStore();
    expect(reopened.report).toMatchObject({ entries: 2, cutOffBytes: 0 });
    await reopened.store.close();
  });

  test('and cannot be taken back makes the store refuse writes until it is opened again', async () => {
    await writeSteps(1);
    const { store } = await openStore(openOnFaultyDisk);
    Object.assign(disk, { writes: 'fails half way', truncates: 'fails' });
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({
      kind: 'unavailable',
      cause: ioError,
    });

    Object.assign(disk, { writes: 'works', truncates: 'works' });
    expect(await store.append(stateAt({ revision: 2 }), revision(1))).toMatchObject({
      kind: 'unavailable',
      cause: { message: `${log} could not be mended after a failed write; restart the edge`, cause: ioError },
    });
    expect((await store.load()).states.get('wod')).toEqual(stateAt({ revision: 1 }));
    await store.close();

    const reopened = await openStore();
    expect(reopened.report.cutOffBytes).toBeGreaterThan(0);
    expect(await reopened.store.append(stateAt({ revision: 2 }), revision(1))).toEqual({ kind: 'written' });
    await reopened.store.close();
  });
});
