import { ABORTED_SHARE, describeMinute } from './soak.ts';
import type { Soak } from './soak.ts';
import { judge } from './aims.ts';
import type { Verdict } from './aims.ts';
import { FIXED_RATE } from './comparison.ts';
import type { Compared } from './comparison.ts';
import type { FeatureCost } from './cpu-profile.ts';
import { changePercent } from './figures.ts';
import type { Figure } from './figures.ts';
import type { Memory } from './memory.ts';
import type { SeriesName, SeriesPoint } from './series.ts';

/** Where and when, and with what. */
export type Conditions = {
  machine: string;
  date: string;
  upstream: string;
  /** Of the edge. */
  logLevel: string;
  rounds: number;
  seconds: number;
  left: string[];
};

export type Report = {
  conditions: Conditions;
  compared?: Compared[];
  memory?: Memory[];
  features?: FeatureCost;
  verdicts?: Verdict[];
  series?: { name: SeriesName; points: SeriesPoint[] };
  soak?: Soak;
};

export function verdictsOf({ compared = [], memory = [], features }: Report): Verdict[] {
  return judge({ compared, memory, ...(features && { featuresPercent: features.totalPercent }) });
}

export function textReport(report: Report): string {
  const { conditions, compared, memory, features, verdicts, series, soak } = report;
  const parts = [
    conditionsText(conditions, compared !== undefined || series !== undefined),
    compared && comparedText(compared, memory ?? []),
    features && featuresText(features),
    verdicts && verdictsText(verdicts),
    series && seriesText(series),
    soak && soakText(soak),
  ];
  return parts.filter(Boolean).join('\n\n') + '\n';
}

function conditionsText(conditions: Conditions, inRounds: boolean): string {
  const { machine, date, upstream, logLevel, rounds, seconds, left } = conditions;
  const slices = inRounds ? `${rounds} rounds of ${seconds} s, medians (spread: max − min, of the median); ` : '';
  return `${machine}, ${date}\n${slices}upstream: ${upstream}; LOG_LEVEL of the edge: ${logLevel}${left.map((why) => `\nleft out: ${why}`).join('')}`;
}

function comparedText(compared: readonly Compared[], memory: readonly Memory[]): string {
  const rows = compared.map((each) => {
    const { kibPerConnection, idleMib } = memory.find(({ name }) => name === each.name) ?? {};
    return [
      each.name,
      figure(each.cpuMicros, 1),
      ...(each.instructions ? [figure(each.instructions, 0)] : []),
      figure(each.requestsPerSecond, 0),
      each.corePercent.median.toFixed(0),
      each.othersPercent.median.toFixed(0),
      each.p50Micros ? figure(each.p50Micros, 0) : '–',
      each.p99Micros ? figure(each.p99Micros, 0) : '–',
      each.pacedPerSecond ? each.pacedPerSecond.median.toFixed(0) : '–',
      idleMib ? idleMib.median.toFixed(1) : '–',
      kibPerConnection ? figure(kibPerConnection, 1) : '–',
      String(each.errors),
    ];
  });
  const counted = compared.some(({ instructions }) => instructions) ? ['instr./req'] : [];
  const paced = [`p50 µs at ${FIXED_RATE}/s`, 'p99 µs', 'reached/s'];
  return table([
    ['', 'CPU µs/req', ...counted, 'req/s', 'core %', 'others %', ...paced, 'MiB idle', 'KB/conn', 'errors'],
    ...rows,
  ]);
}

function featuresText({ totalPercent, byFeature, byFile, garbageCollectionPercent, busyPercent }: FeatureCost): string {
  const percents = (parts: Record<string, number>) =>
    Object.entries(parts).map(([name, part]) => [name, `${part.toFixed(1)} %`]);
  return `features, of ${busyPercent.toFixed(0)} % busy time (garbage collection ${garbageCollectionPercent.toFixed(1)} %):\n${table(
    [...percents(byFeature), ['together', `${totalPercent.toFixed(1)} %`], ...percents(byFile)],
  )}`;
}

function verdictsText(verdicts: readonly Verdict[]): string {
  return table([
    ['aim', 'measured', 'aim', 'stretch', ''],
    ...verdicts.map(({ what, value, aim, stretch, verdict }) => [what, value, aim, stretch, verdict]),
  ]);
}

function seriesText({ name, points }: NonNullable<Report['series']>): string {
  const first = points[0]?.cpuMicros.median ?? Number.NaN;
  return table([
    [name, 'CPU µs/req', 'to the first', 'req/s', 'errors'],
    ...points.map(({ at, cpuMicros, requestsPerSecond, errors }) => [
      String(at),
      figure(cpuMicros, 1),
      `${signed(changePercent(first, cpuMicros.median), 1)} %`,
      figure(requestsPerSecond, 0),
      String(errors),
    ]),
  ]);
}

function soakText({ minutes, change }: Soak): string {
  return `soak, ${ABORTED_SHARE * 100} % of the requests aborted:\n${minutes.map(describeMinute).join('\n')}
from the second to the last minute: CPU per request ${signed(change.cpuPercent, 1)} %, memory ${signed(
    change.memoryPercent,
    1,
  )} %, descriptors ${signed(change.descriptors, 0)}`;
}

function figure({ median, spreadPercent }: Figure, digits: number): string {
  return `${median.toFixed(digits)} (${spreadPercent.toFixed(0)} %)`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n');
}
