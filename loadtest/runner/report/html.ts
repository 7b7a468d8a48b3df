import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Report } from './report.ts';
import { seriesOf } from './series.ts';

const uPlotFile = (name: string) => createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
const ownFile = (name: string) => join(import.meta.dirname, 'page', name);

/** The browser is told to ask nobody for anything; all that the page needs is in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** The report as one page that needs no network: styles, uPlot, figures and charts in one file. */
export function htmlReport(report: Report): string {
  const { scenario, summary, verdict } = report;
  const styles = [uPlotFile('uPlot.min.css'), ownFile('page.css')].map(read).join('\n');
  const scripts = [uPlotFile('uPlot.iife.min.js'), ownFile('charts.js')].map(read).map(script).join('\n');
  const [verdictLine = '', ...details] = verdict.lines;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Load test: ${escape(scenario)}, ${verdict.passed ? 'passed' : 'failed'}</title>
<style>${styles}</style>
</head>
<body>
<main>
<h1>Load test: ${escape(scenario)}</h1>
<p>${escape(capital(summary))}</p>
<section class="verdict ${verdict.passed ? 'passed' : 'failed'}" aria-label="Verdict">
<p><strong>${escape(capital(verdictLine))}</strong></p>
${list(details)}
</section>
${table(report)}
${CHARTS}
${section('Thresholds, by k6', list(report.thresholds))}
${report.faults.length > 0 ? section('What failed', list(report.faults)) : ''}
${section('Where and with what', definitions(report.facts))}
</main>
<noscript>The charts need JavaScript; the figures are in the table.</noscript>
<script type="application/json" id="phases">${json(report.phases.map(seriesOf))}</script>
${scripts}
</body>
</html>
`;
}

const CHARTS = `<section aria-label="Charts">
<p class="hint">Times count from the first question of a run. One colour for each side; both share every axis, and so do the
runs beside each other.</p>
<div id="charts"></div>
</section>`;

function table({ titles, rows }: Report): string {
  const head = titles.map((title) => `<th scope="col">${escape(title)}</th>`).join('');
  const body = rows
    .map(({ label, cells }) => {
      const data = cells.map((cell) => `<td>${escape(cell)}</td>`).join('');
      return `<tr><th scope="row">${escape(label)}</th>${data}</tr>`;
    })
    .join('\n');
  // What scrolls must be reachable by keyboard.
  return `<div class="scroll" tabindex="0" role="region" aria-label="Figures">
<table>
<caption>Figures</caption>
<thead><tr><td></td>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>`;
}

function section(title: string, content: string): string {
  return `<section>\n<h2>${escape(title)}</h2>\n${content}\n</section>`;
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('\n')}</ul>`;
}

function definitions(facts: Report['facts']): string {
  return `<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('\n')}</dl>`;
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** In a script, `</script` ends it, wherever it stands (HTML, section 4.12.1.3). */
function script(source: string): string {
  return `<script>${source.replaceAll(/<\/(script)/gi, '<\\/$1')}</script>`;
}

function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
