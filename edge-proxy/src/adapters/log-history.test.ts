import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { HistoryQuery } from '../control-plane/route-store.ts';
import type { RouteState } from '../domain/route-state.ts';
import { LogFile } from './log-file.ts';
import { readHistory } from './log-history.ts';
import { encodeLine } from './route-log.ts';
import { stateAt } from './test/sample-state.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-history-'));
  file = join(folder, 'routes.log');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function pagesOf(query: HistoryQuery): Promise<(readonly RouteState[])[]> {
  const log = await LogFile.open(file);
  await log.read();
  const pages: (readonly RouteState[])[] = [];
  for (let before: string | undefined; ;) {
    const { entries, next } = await readHistory(log, { ...query, before });
    pages.push(entries);
    if (next === undefined) break;
    before = next;
  }
  await log.close();
  return pages;
}

/** What the pages should say, found by going through the log from its beginning. */
function expectedOf(states: readonly RouteState[], route: string | undefined): RouteState[] {
  return states.filter((state) => route === undefined || state.route === route).toReversed();
}

function statesOf(changes: readonly { route: string; length: number }[]): RouteState[] {
  const revisions = new Map<string, number>();
  return changes.map(({ route, length }) => {
    const revision = (revisions.get(route) ?? 0) + 1;
    revisions.set(route, revision);
    return stateAt({ route, revision, reason: 'ü'.repeat(length) });
  });
}

test('tells the same as reading from the beginning, whatever the log and the pages', async () => {
  const change = fc.record({
    route: fc.constantFrom('wod', 'plan', 'history'),
    length: fc.oneof(fc.nat(20), fc.constantFrom(30_000, 65_536)),
  });
  const query = fc.record({ limit: fc.integer({ min: 1, max: 12 }), route: fc.constantFrom(undefined, 'wod', 'none') });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 30 }), query, async (changes, { limit, route }) => {
      const states = statesOf(changes);
      await writeFile(file, Buffer.concat(states.map(encodeLine)));
      const pages = await pagesOf({ limit, route });
      const expected = expectedOf(states, route);
      expect(pages.flat()).toEqual(expected);
      expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)));
    }),
    { numRuns: 60 },
  );
});

test('a line feed as the first byte of a part is no end of the log', async () => {
  const [first, second] = [stateAt({ revision: 1 }), stateAt({ revision: 2 })];
  const line = encodeLine(second).length;
  const filler = 65_536 - line - 1;
  const padded = { ...second, reason: second.reason + 'x'.repeat(filler) };
  await writeFile(file, Buffer.concat([encodeLine(first), encodeLine(padded)]));
  expect((await readFile(file)).at(-65_536)).toBe(0x0a);
  expect((await pagesOf({ limit: 5 })).flat()).toEqual([padded, first]);
});

test('a line that became unreadable is passed over', async () => {
  const states = [1, 2, 3].map((revision) => stateAt({ revision }));
  const lines = states.map((state) => String(encodeLine(state)));
  await writeFile(file, [lines[0], lines[1]!.replace('step', 'stop'), lines[2]].join(''));
  expect((await pagesOf({ limit: 1 })).flat()).toEqual([states[2], states[0]]);
});

test('a long log leaves the edge time for its other work', async () => {
  const states = Array.from({ length: 5000 }, (_, index) => stateAt({ revision: index + 1 }));
  const bytes = Buffer.concat(states.map(encodeLine));
  await writeFile(file, bytes);
  const log = await LogFile.open(file);
  await log.read();
  let turns = 0;
  const count = () => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  expect((await readHistory(log, { limit: 50, route: 'none' })).entries).toEqual([]);
  clearImmediate(immediate);
  await log.close();
  expect(turns).toBeGreaterThanOrEqual(Math.floor(bytes.length / 65_536));
});
