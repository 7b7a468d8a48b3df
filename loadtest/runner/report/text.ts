import type { Report } from './report.ts';

const GAP = '   ';

/** The report for a terminal. */
export function textReport(report: Report): string {
  const { scenario, summary, verdict, thresholds, faults, facts } = report;
  return `${[
    `\n${scenario}: ${summary}\n`,
    ...facts.map(([name, value]) => `  ${name}: ${value}`),
    '',
    ...table(report),
    '',
    ...section('Thresholds, by k6', thresholds),
    ...section('What failed', faults),
    ...verdict.lines,
  ]
    .map(printable)
    .join('\n')}\n`;
}

function table({ titles, rows }: Report): string[] {
  const lines = [{ label: '', cells: titles }, ...rows];
  const labelWidth = Math.max(...lines.map(({ label }) => label.length));
  const widths = titles.map((_, column) => Math.max(...lines.map(({ cells }) => cells[column]?.length ?? 0)));
  return lines.map(({ label, cells }) => {
    const padded = cells.map((cell, column) => cell.padStart(widths[column] ?? 0));
    return `  ${[label.padEnd(labelWidth), ...padded].join(GAP)}`.trimEnd();
  });
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];
}

/** What a server sent must not move the cursor. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
}
