import { styleText } from 'node:util';
import type { Io } from './command-context.ts';
import { printableLine, wrapped } from './printable.ts';

export type Style = Parameters<typeof styleText>[0];
export type Cell = { text: string; style?: Style };

export type Column<Row> = {
  header: string;
  cell: (row: Row) => Cell | string;
  /** Where the terminal is too narrow, the column with the lowest number goes below its row first; absent: never. */
  yields?: number;
};

type Screen = Pick<Io, 'colour' | 'columns'>;

const GAP = '  ';

/** One line a row, columns aligned; what does not fit the terminal stands below its row. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], screen: Screen): string {
  return renderRows(columns, rows, screen).join('');
}

/** The header and each row as texts of their own, aligned with each other; each ends with a line feed. */
export function renderRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[], screen: Screen): string[] {
  const width = screen.columns?.() ?? Infinity;
  const cells = new Map(columns.map((column) => [column, rows.map((row) => cellOf(column, row))]));
  const widthOf = (column: Column<Row>) =>
    Math.max(column.header.length, ...cells.get(column)!.map(({ text }) => text.length));
  const shown = columnsThatFit(columns, widthOf, width);
  const line = (cellIn: (column: Column<Row>) => Cell) =>
    shown
      .map((column) => paint(cellIn(column), widthOf(column), screen.colour))
      .join(GAP)
      .trimEnd();
  const header = line(({ header }) => ({ text: header, style: 'bold' }));
  const below = columns.filter((column) => !shown.includes(column));
  const bodies = rows.map((_, at) => {
    const details = below.map((column) => `${column.header.toLowerCase()} ${cells.get(column)![at]!.text}`).join('; ');
    const first = line((column) => cells.get(column)![at]!);
    return `${first}\n${details && wrapped(details, width, GAP)}`;
  });
  return [`${header}\n`, ...bodies];
}

export function paint({ text, style }: Cell, width: number, colour: boolean): string {
  const padded = text.padEnd(width);
  return colour && style ? styleText(style, padded, { validateStream: false }) : padded;
}

function columnsThatFit<Row>(
  columns: readonly Column<Row>[],
  widthOf: (column: Column<Row>) => number,
  width: number,
): readonly Column<Row>[] {
  const total = columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1));
  const yielding = columns.filter(({ yields }) => yields !== undefined).sort((a, b) => a.yields! - b.yields!);
  const first = yielding[0];
  if (total <= width || !first) return columns;
  return columnsThatFit(
    columns.filter((column) => column !== first),
    widthOf,
    width,
  );
}

function cellOf<Row>(column: Column<Row>, row: Row): Cell {
  const cell = column.cell(row);
  return typeof cell === 'string' ? { text: printableLine(cell) } : { ...cell, text: printableLine(cell.text) };
}
