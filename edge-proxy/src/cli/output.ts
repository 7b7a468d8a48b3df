import { styleText } from 'node:util';
import type { ChangedRoute, RouteView } from '../admin-api/schemas.ts';

type Style = Parameters<typeof styleText>[0];
type Cell = { text: string; style?: Style };

const PHASE_STYLES: Record<RouteView['phase'], Style> = { legacy: 'dim', canary: 'yellow', full: 'green' };
const HEADER = ['ROUTE', 'PATH', 'PHASE', 'WEIGHT', 'OLD → NEW', 'REVISION', 'CHANGED', 'BY', 'REASON'];
const GAP = '  ';

/** One line a route, its columns aligned. */
export function routeTable(routes: readonly RouteView[], colour: boolean): string {
  if (routes.length === 0) return 'No routes are configured.\n';
  const rows: Cell[][] = [HEADER.map((text) => ({ text, style: 'bold' })), ...routes.map(routeRow)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.text.length)));
  const line = (row: Cell[]) =>
    row
      .map((cell, column) => paint(cell, widths[column]!, colour))
      .join(GAP)
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}

/** What a change did, in words. */
export function changeSentence(changed: ChangedRoute): string {
  const { route, before, weight, revision } = changed;
  return printable(
    `${route}: ${before.weight} % → ${weight} % (revision ${before.revision} → ${revision})\n${movement(changed)}`,
  );
}

/** Text from elsewhere, unable to move the cursor or to change colours. Line feeds stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
}

function movement({ before, weight, sides, path }: ChangedRoute): string {
  const moved = Math.round(Math.abs(weight - before.weight) * 100) / 100;
  if (moved === 0) return `Nobody moved.\n`;
  const [from, to] = weight > before.weight ? [sides.old, sides.new] : [sides.new, sides.old];
  const who = moved === 100 ? 'All users' : `${moved} % of the users`;
  const others = moved === 100 ? '' : '; all others stay where they were';
  return `${who} of ${path} moved from ${from} to ${to}${others}.\n`;
}

function routeRow(view: RouteView): Cell[] {
  const { route, path, phase, weight, sides, revision, changed_at, changed_by, reason } = view;
  return [
    { text: route },
    { text: path },
    { text: phase, style: PHASE_STYLES[phase] },
    { text: `${weight} %` },
    { text: `${sides.old} → ${sides.new}` },
    { text: String(revision) },
    { text: changed_at?.replace('T', ' ').replace(/\.\d+Z$/, 'Z') ?? 'never' },
    { text: changed_by ?? '-' },
    { text: reason ?? '-' },
  ].map((cell) => ({ ...cell, text: printable(cell.text).replaceAll('\n', ' ') }));
}

function paint({ text, style }: Cell, width: number, colour: boolean): string {
  const padded = text.padEnd(width);
  return colour && style ? styleText(style, padded, { validateStream: false }) : padded;
}
