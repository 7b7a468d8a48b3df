import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import type { KeptRoutes } from '../control-plane/kept-routes.ts';
import { KEPT_ROUTES_NAME, KeptRoutesFile } from './kept-routes-file.ts';
import { routeKeeperContract } from './route-keeper.contract.ts';
import { sealed } from './sealed-line.ts';
import { stateAt } from './test/sample-state.ts';

let folder: string;
let path: string;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-routes-'));
  path = join(folder, KEPT_ROUTES_NAME);
  logged = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(line) });
const openKeeper = (openFile = open) => new KeptRoutesFile({ folder, logger, openFile });
const keptAt = (step: number): KeptRoutes => ({
  storeId: undefined,
  states: new Map([['wod', stateAt({ revision: step })]]),
  pending: [stateAt({ revision: step, reason: 'rollback' })],
});
const NOTHING = { states: new Map(), pending: [] };

routeKeeperContract('KeptRoutesFile', async () => openKeeper());

test('another process reads what was saved, in a file for its owner alone', async () => {
  await openKeeper().save(keptAt(3));
  expect(await openKeeper().load()).toEqual(keptAt(3));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual([KEPT_ROUTES_NAME]);
  expect(logged).toEqual([]);
});

test('the folder is made if it is not there', async () => {
  const keeper = new KeptRoutesFile({ folder: join(folder, 'of', 'this-edge'), logger });
  expect(await keeper.load()).toEqual(NOTHING);
  await keeper.save(keptAt(1));
  expect(await keeper.load()).toEqual(keptAt(1));
});

test('version 1 stays readable for good', async () => {
  const state =
    '{"route":"wod","revision":1,"weightHundredths":1000,"changedBy":"ops@fit.example",' +
    '"changedAt":"2026-03-01T03:00:00.000Z","reason":"first step"}';
  const line = `{"schemaVersion":1,"states":[${state}],"pending":[${state}],"checksum":"bb142b46"}\n`;
  await writeFile(path, line);
  const known = { ...stateAt({ revision: 1, weight: 1000, reason: 'first step' }), weightBefore: undefined };
  expect(await openKeeper().load()).toEqual({ states: new Map([['wod', known]]), pending: [known] });
});

describe('what cannot be read', () => {
  const sealedLine = (content: object) => `${sealed(content)}\n`;
  test.each([
    ['an empty file', '', 'its checksum does not match'],
    ['garbage', '\0\0\0\0', 'its checksum does not match'],
    ['text', 'hello', 'its checksum does not match'],
    ['a newer version', sealedLine({ schemaVersion: 2 }), 'schemaVersion: must be 1'],
    [
      'a weight of -1',
      sealedLine({ schemaVersion: 1, states: [{ ...kept(), weightHundredths: -1 }], pending: [] }),
      'weightHundredths',
    ],
    ['a state without its route', sealedLine({ schemaVersion: 1, states: [{}], pending: [] }), 'route'],
  ])('%s is set aside with an error in the log, and the next save works', async (_, text, why) => {
    await writeFile(path, text);
    const keeper = openKeeper();
    expect(await keeper.load()).toEqual(NOTHING);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', file: path, aside: `${path}.damaged`, err: { message: expect.stringContaining(why) } },
    ]);
    await keeper.save(keptAt(1));
    expect(await openKeeper().load()).toEqual(keptAt(1));
  });

  test('any flipped bit is noticed', async () => {
    await openKeeper().save(keptAt(1));
    const whole = await readFile(path);
    for (let byte = 0; byte < whole.length - 1; byte += 7) {
      const flipped = Buffer.from(whole);
      flipped[byte]! ^= 1 << (byte % 8);
      await writeFile(path, flipped);
      expect(await openKeeper().load()).toEqual(NOTHING);
    }
  });

  test('does not take the place of what was set aside before', async () => {
    for (const text of ['first', 'second', 'third']) {
      await writeFile(path, text);
      await openKeeper().load();
    }
    const aside = ['.damaged', '.damaged.2', '.damaged.3'].map((ending) => readFile(path + ending, 'utf8'));
    expect(await Promise.all(aside)).toEqual(['first', 'second', 'third']);
  });

  test('a folder in its place is set aside too', async () => {
    await mkdir(path);
    expect(await openKeeper().load()).toEqual(NOTHING);
    await openKeeper().save(keptAt(1));
    expect((await stat(`${path}.damaged`)).isDirectory()).toBe(true);
  });
});

test.each(['writeFile', 'sync'] as const)(
  'a disk that refuses (%s) rejects the save and keeps what was there',
  async (step) => {
    await openKeeper().save(keptAt(1));
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    let isFull = true;
    const keeper = openKeeper(async (...args: Parameters<typeof open>) => {
      const handle = await open(...args);
      const works = handle[step].bind(handle) as () => Promise<void>;
      handle[step] = async (...content: unknown[]) => {
        if (isFull) throw full;
        return await works(...(content as []));
      };
      return handle;
    });
    await expect(keeper.save(keptAt(2))).rejects.toBe(full);
    expect(await openKeeper().load()).toEqual(keptAt(1));
    isFull = false;
    await keeper.save(keptAt(3));
    expect(await openKeeper().load()).toEqual(keptAt(3));
  },
);

function kept() {
  const { route, revision, changedBy, changedAt, reason } = stateAt({ revision: 1 });
  return { route, revision, changedBy, changedAt, reason };
}
