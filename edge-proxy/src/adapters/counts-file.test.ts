import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@fit/service-kit/logger';
import { COUNTS_NAME, CountsFile } from './counts-file.ts';
import type { CountsFileOptions } from './counts-file.ts';
import { fleetCountsContract } from './fleet-counts.contract.ts';
import { sealed } from './sealed-line.ts';

let folder: string;
let path: string;
let logged: string[];
const opened: CountsFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counts-'));
  path = join(folder, COUNTS_NAME);
  logged = [];
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((file) => file.close()));
  await rm(folder, { recursive: true });
});

const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(line) });
const openCounts = async (options: Partial<CountsFileOptions> = {}) => {
  const file = await CountsFile.open({ folder, logger, ...options });
  opened.push(file);
  return file;
};
const wod = { topic: 'evidence:wod', epoch: 3 };
const counted = [
  { incarnation: 'a', value: { users: [1, 2] } },
  { incarnation: '__proto__', value: 'ü \u2028 "checksum":"00000000"}\n' },
];
/** As a process that is gone has left it. */
const writeCounts = async () => {
  const { counts, close } = await openCounts().then((file) => ({ counts: file.counts, close: () => file.close() }));
  for (const each of counted) await counts.put(wod, each);
  await counts.raise('wod', { drilledAt: 1_772_334_000_000, drillMs: 812 });
  await close();
};
const untilSaved = async (text: string) => {
  while (!(await readFile(path, 'utf8').catch(() => '')).includes(text)) await delay(5);
};

fleetCountsContract('CountsFile', async () => {
  const file = await openCounts();
  return { counts: file.counts, close: () => file.close() };
});

test('another process reads what was there at the end, in a file for its owner alone', async () => {
  await writeCounts();
  const { counts } = await openCounts();
  expect(await counts.all(wod)).toEqual(counted);
  expect(await counts.facts('wod')).toEqual({ drilledAt: 1_772_334_000_000, drillMs: 812 });
  await counts.put({ ...wod, epoch: 2 }, { incarnation: 'late', value: 0 });
  expect(await counts.all(wod)).toEqual(counted);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual([COUNTS_NAME]);
  expect(logged).toEqual([]);
});

test('counts get to the disk without being asked, facts before they are answered', async () => {
  const { counts } = await openCounts({ saveAfterMs: 20 });
  await counts.put(wod, counted[0]!);
  await untilSaved('"users":[1,2]');
  const later = await openCounts({ saveAfterMs: 3_600_000 });
  await later.counts.raise('wod', { drilledAt: 7 });
  expect(await readFile(path, 'utf8')).toContain('"drilledAt":7');
});

test('many puts are saved together, and what is known already is not saved', async () => {
  let writes = 0;
  const openFile = async (...args: Parameters<typeof open>) => {
    writes++;
    return await open(...args);
  };
  const file = await openCounts({ saveAfterMs: 3_600_000, openFile });
  for (let value = 0; value < 100; value++) await file.counts.put(wod, { incarnation: 'a', value });
  expect(writes).toBe(0);
  await file.counts.raise('wod', { drilledAt: 7 });
  expect(writes).toBe(1);
  await file.counts.raise('wod', { drilledAt: 7 });
  await file.counts.raise('wod', { drilledAt: 6 });
  await file.counts.put({ ...wod, epoch: 1 }, counted[0]!);
  await file.close();
  expect(writes).toBe(1);
});

test('facts that come at once are saved together', async () => {
  let writes = 0;
  const openFile = async (...args: Parameters<typeof open>) => {
    writes++;
    return await open(...args);
  };
  const file = await openCounts({ saveAfterMs: 3_600_000, openFile });
  await Promise.all(Array.from({ length: 50 }, (_, at) => file.counts.raise('wod', { [`fact${at}`]: at })));
  expect(writes).toBeLessThanOrEqual(2);
  expect(Object.keys(await (await openCounts()).counts.facts('wod'))).toHaveLength(50);
});

describe('what cannot be read', () => {
  const line = (content: object) => `${sealed({ schemaVersion: 1, topic: 't', ...content })}\n`;
  test.each([
    ['text', 'hello', 'its last line has no end'],
    ['garbage', '\0\0\n\0\0\n', 'line 1: its checksum does not match'],
    ['a newer version', line({ schemaVersion: 2, facts: {} }), 'line 1'],
    ['an epoch of -1', line({ epoch: -1, incarnation: 'a', value: 1 }), 'line 1'],
    ['a fact that is no number', line({ facts: { drilledAt: '1' } }), 'line 1'],
    ['counts without a replica', line({ epoch: 1, value: 1 }), 'line 1'],
  ])('%s is set aside with a warning, and the start goes on', async (_, text, why) => {
    await writeFile(path, text);
    const { counts } = await openCounts();
    expect([await counts.all(wod), await counts.facts('t')]).toEqual([[], {}]);
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
    expect(logged.map((each) => JSON.parse(each))).toMatchObject([
      { level: 'warn', file: path, aside: `${path}.damaged`, err: { message: expect.stringContaining(why) } },
    ]);
    await counts.raise('t', { drilledAt: 1 });
    expect(await (await openCounts()).counts.facts('t')).toEqual({ drilledAt: 1 });
  });

  test('of some lines leaves the others, which are saved again', async () => {
    await writeCounts();
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.replace('[1,2]', '[1,3]'));
    const file = await openCounts();
    expect(await file.counts.all(wod)).toEqual([counted[1]]);
    expect(await file.counts.facts('wod')).toMatchObject({ drillMs: 812 });
    await file.close();
    expect(await (await openCounts()).counts.all(wod)).toEqual([counted[1]]);
    expect(logged).toHaveLength(1);
  });

  test('any flipped bit is noticed', async () => {
    await writeCounts();
    const whole = await readFile(path);
    for (let byte = 0; byte < whole.length; byte += 5) {
      const flipped = Buffer.from(whole);
      flipped[byte]! ^= 1 << (byte % 7);
      await writeFile(path, flipped);
      await openCounts();
      expect(await readFile(`${path}.damaged`)).toEqual(flipped);
      await rm(`${path}.damaged`);
    }
  });

  test('a folder in its place is set aside too', async () => {
    await mkdir(path);
    const { counts } = await openCounts();
    await counts.raise('wod', { drilledAt: 1 });
    expect((await stat(`${path}.damaged`)).isDirectory()).toBe(true);
  });
});

test('a disk that refuses rejects facts, not counts; it is said, tried again, and nothing is lost', async () => {
  await writeCounts();
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  let isFull = true;
  const openFile = async (...args: Parameters<typeof open>) => {
    if (isFull) throw full;
    return await open(...args);
  };
  const { counts } = await openCounts({ saveAfterMs: 20, openFile });
  await counts.put(wod, { incarnation: 'b', value: 'while it was full' });
  while (logged.length === 0) await delay(5);
  expect(JSON.parse(logged[0]!)).toMatchObject({ level: 'error', file: path, err: { code: 'ENOSPC' } });
  await expect(counts.raise('wod', { drillMs: 999 })).rejects.toBe(full);
  await expect(counts.raise('wod', { drillMs: 999 })).rejects.toBe(full);
  expect(await (await openCounts()).counts.all(wod)).toEqual(counted);

  isFull = false;
  await untilSaved('while it was full');
  expect(await readFile(path, 'utf8')).toContain('"drillMs":999');
});

test('closing never rejects, saves once, and what is closed saves no more', async () => {
  const file = await openCounts({ saveAfterMs: 20 });
  await file.counts.put(wod, counted[0]!);
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file in the place of the folder');
  await file.close();
  await file.close();
  expect(logged.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['error']);
  await delay(60);
  expect(logged).toHaveLength(1);
});
