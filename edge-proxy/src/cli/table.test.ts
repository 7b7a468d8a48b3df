import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { wrapped } from './printable.ts';
import { statusText } from './status-table.ts';
import { renderTable } from './table.ts';
import type { Column } from './table.ts';
import { STORE, WOD } from './test/canned-edge.ts';

const TERMINAL = { out: () => undefined, err: () => undefined, env: {}, colour: true };
const LONG = { ...WOD, route: 'history', path: '/fitness/history', reason: 'because '.repeat(40).trim() };

const COLUMNS: readonly Column<string[]>[] = [
  { header: 'A', cell: (row) => row[0]! },
  { header: 'B', cell: (row) => row[1]!, yields: 2 },
  { header: 'C', cell: (row) => ({ text: row[2]!, style: 'red' }), yields: 1 },
];

test.each([
  [Infinity, 'A    B   C\n1    22  333\n444  5   6\n'],
  [12, 'A    B   C\n1    22  333\n444  5   6\n'],
  [11, 'A    B\n1    22\n  c 333\n444  5\n  c 6\n'],
  [6, 'A\n1\n  b\n  22;\n  c\n  333\n444\n  b 5;\n  c 6\n'],
])('in %d columns, what does not fit stands below its row', (width, text) => {
  const rows = [
    ['1', '22', '333'],
    ['444', '5', '6'],
  ];
  expect(renderTable(COLUMNS, rows, { colour: false, columns: () => width })).toBe(text);
});

test.each([40, 60, 80, 100, 120, 200])('the status fits a terminal of %d columns, and nothing is lost', (width) => {
  const store = { ...STORE, state: 'down' } as const;
  const text = statusText({ store, routes: [WOD, LONG] }, { ...TERMINAL, columns: () => width });
  const plain = stripVTControlCharacters(text);
  for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  const words = new Set(plain.replace(/\s+/g, ' ').split(/[ ;]/));
  for (const word of [
    'REACH',
    '/fitness/wod',
    'canary',
    '9.87',
    'healthy',
    'failing',
    'ops@fit.example',
    'because',
    '3',
  ]) {
    expect([...words]).toContain(word);
  }
});

test('what was read from a server stays on its line, and cannot steer the terminal', () => {
  const rows = [['a\nb', '\u001b[2J', '\u009bc']];
  expect(renderTable(COLUMNS, rows, { colour: false })).toBe('A    B     C\na b  \ufffd[2J  \ufffdc\n');
});

test('wrapped lines are never too wide, and lose no letter', () => {
  fc.assert(
    fc.property(fc.lorem({ maxCount: 30 }), fc.integer({ min: 1, max: 60 }), (text, width) => {
      const lines = wrapped(text, width);
      expect(
        Math.max(
          ...lines
            .trimEnd()
            .split('\n')
            .map((line) => line.length),
        ),
      ).toBeLessThanOrEqual(width);
      expect(lines.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    }),
  );
});
