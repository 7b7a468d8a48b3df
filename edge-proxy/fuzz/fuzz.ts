import { parseArgs } from 'node:util';
import { MOST_CASES } from './case-marks.ts';
import { escaped } from './finding.ts';
import type { Finding } from './finding.ts';
import { runFuzz } from './fuzz-run.ts';
import type { FuzzReport } from './fuzz-run.ts';
import { mebibytes } from './leaks.ts';

/** `npm run fuzz -- [--cases N] [--seed N] [--seconds N] [--concurrency N] [--only CASE[,CASE…]]` */
const SHOWN_PER_KIND = 5;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '900' },
    concurrency: { type: 'string', default: '64' },
    only: { type: 'string' },
  },
});
const seed = wholeNumber('seed', values.seed, 2 ** 32);
const only = values.only?.split(',').map((number) => wholeNumber('only', number, MOST_CASES));

const report = await runFuzz({
  seed,
  cases: only ?? wholeNumber('cases', values.cases, MOST_CASES),
  seconds: wholeNumber('seconds', values.seconds, 86_400),
  concurrency: only ? 1 : wholeNumber('concurrency', values.concurrency, 1000),
  progress: print,
  ...(only && {
    ended: (fuzzCase, view) => {
      const { number, kind, ending, reading, writes } = fuzzCase;
      print(
        `case ${number}, mutated: ${kind}; the client's end: ${ending}; strictly: ${reading.requests.length} requests, then ${reading.rest} ${reading.why}`,
      );
      for (const { bytes, pauseMs } of writes) print(`  sent     ${escaped(bytes)} pause ${pauseMs} ms`);
      print(`  received ${escaped(view.received)} (${view.ending ?? 'the client left'})`);
    },
    called: ({ request, script, upstream }) => {
      print(`  ${upstream} side got ${request.method} ${request.target}${request.isWhole ? '' : ' (cut)'}`);
      for (const { bytes, pauseMs } of script.writes) print(`    sends ${escaped(bytes)} pause ${pauseMs} ms`);
      print(`    then ${script.ending}${script.isEarly ? ', all this as soon as it had the head' : ''}`);
    },
  }),
});
printTable(report);
printFindings(report.findings);
process.exit(report.findings.length > 0 || report.edgeErrors.length > 0 ? 1 : 0);

function wholeNumber(option: string, text: string, most: number): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  process.stderr.write(`--${option} must be a whole number up to ${most}, received ${JSON.stringify(text)}\n`);
  process.exit(2);
}

function printTable({ cases, seconds, outcomes, arrivals, canaries, resources, edgeErrors }: FuzzReport): void {
  const { before, after } = resources;
  const change = (name: 'residentBytes' | 'bytesInUse') => `${mebibytes(before[name])} → ${mebibytes(after[name])} MiB`;
  const rows: [string, string | number][] = [
    ...[...outcomes].sort(([one], [other]) => one.localeCompare(other)),
    ['requests that reached upstreams', arrivals],
    ['canaries: asked', canaries.asked],
    ['canaries: answered', canaries.answered],
    ['canaries: refused for an upstream’s fault', canaries.refused],
    ['canaries: connection closed', canaries.closed],
    ['edge: descriptors', `${before.descriptors} → ${after.descriptors}`],
    ['edge: resident memory', change('residentBytes')],
    ['edge: memory in use after a collection', change('bytesInUse')],
    ['edge: requests in flight at the end', after.inFlight],
    ['edge: lines logged as ERROR', edgeErrors.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) print(`  ${name.padEnd(width)}  ${value}`);
  for (const line of edgeErrors.slice(0, SHOWN_PER_KIND)) print(`  ERROR: ${line}`);
  print(`${cases} cases of seed ${seed} in ${seconds.toFixed(1)} s (${Math.round(cases / seconds)}/s)`);
}

function printFindings(findings: readonly Finding[]): void {
  const shown = new Map<string, number>();
  for (const { kind, why, caseNumber, bytes } of findings) {
    const count = (shown.get(kind) ?? 0) + 1;
    shown.set(kind, count);
    if (count > SHOWN_PER_KIND) continue;
    print(`\nFINDING: ${kind}: ${why}`);
    if (bytes !== undefined) print(`  bytes: ${escaped(bytes)}`);
    if (caseNumber !== undefined) print(`  again: npm run fuzz -- --seed ${seed} --only ${caseNumber}`);
  }
  for (const [kind, count] of shown) print(`${count} × ${kind}`);
  print(findings.length === 0 ? 'Nothing found.' : `${findings.length} findings.`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
