import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMeasured, valueOf } from './measured.ts';
import type { Measured } from './measured.ts';
import { needsOf } from './model.ts';
import { needsTable } from './needs-tables.ts';
import { PAGE_FILE } from './page.ts';
import { otherwiseMeasured, scaled } from './test/scaled.ts';
import { wallsOf } from './walls.ts';

const measured = readMeasured();
const allTimes = (factor: number): Measured =>
  scaled(
    measured,
    Object.fromEntries(Object.keys(measured).map((name) => [name, name.includes('Micros') ? factor : 1])),
  );

/** Each row by its first cell; the first row is the head. */
function rowsOf(table: string): Map<string, string[]> {
  const [, , ...lines] = table.split('\n');
  return new Map(
    lines.map((line) => {
      const [name = '', ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [name, cells];
    }),
  );
}

const percentsOf = (cell: string) =>
  [...cell.matchAll(/([\d.,]+) %/g)].map(([, number]) => Number(number!.replace(',', '')));
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

test('no column of what a rate needs has parts that together exceed their core', () => {
  fc.assert(
    fc.property(otherwiseMeasured(measured, { min: 0.3, max: 3 }), (figures) => {
      const rows = rowsOf(needsTable(figures));
      for (const [name, cells] of rows) {
        const full = name.startsWith('core of') ? 60.1 : 100;
        for (const cell of cells)
          expect({ name, cell, fits: sum(percentsOf(cell)) <= full }).toMatchObject({ fits: true });
      }
      expect(rows.get('core of each: requests, looks')).toHaveLength(3);
    }),
    { numRuns: 40 },
  );
});

test('what cannot be says so, what could be, and nothing of what it would need', () => {
  const rows = rowsOf(needsTable(allTimes(2)));
  expect(rows.get('edges, one core each, a route ramps')?.at(-1)).toMatch(/^cannot be: [\d,]+ at most, by \d+ edges$/);
  for (const name of ['core of each: requests, looks', 'thread of Redis', 'Redis sends']) {
    expect(rows.get(name)?.at(-1)).toBe('–');
  }
});

/** What docs/scale.md says in words and not in its computed parts. */
describe.each([
  ['as measured', measured],
  ['on a machine twice as fast', allTimes(0.5)],
  ['on a machine that takes a quarter more', allTimes(1.25)],
])('the text of docs/scale.md is true %s:', (_, figures) => {
  const of = (name: string) => valueOf(figures, name);
  const [thousand, hundredThousand, million] = [1000, 100_000, 1_000_000].map((rate) => needsOf(rate, figures));

  test('a thousand a second are a few cores', () => {
    const { nginxCores, fleet, coaches, monoliths, loginCores, postgresCores } = thousand!;
    const cores = [nginxCores, fleet?.edges ?? Infinity, coaches, monoliths, loginCores, postgresCores];
    expect(Math.max(...cores)).toBeLessThan(5);
  });

  test('a hundred thousand are too many connections for PostgreSQL, and not for edges and Redis', () => {
    expect(hundredThousand!.postgresConnections).toBeGreaterThan(100);
    expect(hundredThousand!.fleet?.store.busy).toBeLessThan(1);
  });

  test('a million are too many for edges that all look, or for their Redis', () => {
    expect(million!.fleet?.store.busy ?? Infinity).toBeGreaterThan(1);
  });

  test('walls come in order: one monolith, then PostgreSQL, and much later edges and Redis', () => {
    const walls = wallsOf(figures);
    expect(walls.map(({ perSecond }) => perSecond)).toEqual(
      walls.map(({ perSecond }) => perSecond).toSorted((a, b) => a - b),
    );
    expect(walls.slice(0, 3).map(({ part }) => part)).toEqual(['monolith', 'postgres', 'postgres']);
    const ofLooking = walls.filter(({ part }) => part === 'edges' || part === 'redis');
    expect(ofLooking).toHaveLength(4);
    for (const { perSecond } of ofLooking) expect(perSecond).toBeGreaterThan(20 * walls[0]!.perSecond);
  });

  test('a TLS connection costs many requests on a kept one; pulling the catalogue is cheap', () => {
    expect(of('nginxHandshakeMicros')).toBeGreaterThan(5 * of('nginxTlsKeptMicros'));
    expect((million!.catalogueCallsPerSecond * of('catalogueUnchangedMicros')) / 1_000_000).toBeLessThan(0.1);
  });
});

test('the objective holds until a monolith is all but full, and a few per cent more lose it', () => {
  const [, table = ''] = readFileSync(PAGE_FILE, 'utf8').split(/<!-- (?:end of )?history -->/);
  const rows = rowsOf(table.trim());
  expect(['50 %', '80 %', '95 %'].map((load) => rows.get(load)?.at(-1))).toEqual(['met', 'met', 'met']);
  expect(rows.get('105 %')?.at(-1)).toBe('missed');
  expect(valueOf(measured, 'oldWorkoutMicros')).toBeGreaterThan(valueOf(measured, 'historyMicros'));
});
