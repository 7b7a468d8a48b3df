import { proportionAtMost } from './exact-bound.ts';
import { EXPERIMENTS } from './experiments.ts';
import type { Experiment, Finding } from './experiments.ts';
import { RIVALS } from './rivals.ts';
import type { Findings } from './simulation.ts';

/** How many ramps of two equal sides were rolled back; shares 0–1. */
export type FalseRollbacks = {
  readonly experiment: Experiment;
  readonly runs: number;
  readonly rolledBack: number;
  /** The largest share of all such ramps with which so few are not yet less probable than 5 %; exact. */
  readonly atMost: number;
  /** Had requests, or user-minutes, been counted as if independent. */
  readonly rivals: readonly number[];
  readonly completed: number;
  readonly promotedByOperator: number;
};

export function falseRollbacks(findings: Findings): FalseRollbacks[] {
  return performedOf('equal', findings).map(({ experiment, found }) => {
    const rolledBack = found.filter(isRolledBack).length;
    return {
      experiment,
      runs: found.length,
      rolledBack,
      atMost: proportionAtMost({ successes: rolledBack, trials: found.length }, 0.95),
      rivals: RIVALS.map((rival) => found.filter(({ rivals }) => rivals[rival]).length),
      completed: found.filter(({ isCompleted, promotedByOperator }) => isCompleted || promotedByOperator > 0).length,
      promotedByOperator: found.filter(({ promotedByOperator }) => promotedByOperator > 0).length,
    };
  });
}

/** After how much a worse coach is rolled back; Infinity where it was not. */
export type Detection = {
  readonly experiment: Experiment;
  readonly runs: number;
  readonly found: number;
  /** Reached another step. */
  readonly promoted: number;
  readonly requests: { readonly median: number; readonly p95: number };
  readonly seconds: { readonly median: number; readonly p95: number };
};

export function detections(findings: Findings): Detection[] {
  return performedOf('worse', findings).map(({ experiment, found }) => ({
    experiment,
    runs: found.length,
    found: found.filter(isRolledBack).length,
    promoted: found.filter(({ advances }) => advances > 0).length,
    requests: quantiles(found.map((each) => (isRolledBack(each) ? each.requests : Infinity))),
    seconds: quantiles(found.map(({ rolledBackAtSecond }) => rolledBackAtSecond ?? Infinity)),
  }));
}

/** All tables, as lines. */
export function tables(findings: Findings): string[] {
  return [
    ...titled('Equal sides: ramps rolled back falsely (promised: at most 1 %)', equalRows(falseRollbacks(findings))),
    ...titled('A coach with 5 points more failures: rolled back after', worseRows(detections(findings))),
    ...titled('Never promoted', blockedRows(performedOf('blocked', findings))),
  ];
}

function equalRows(all: readonly FalseRollbacks[]): string[][] {
  const heads = ['traffic', 'days', 'rolled back', 'so at most', 'if requests', 'if user-minutes', 'held', ''];
  const rows = all.map(({ experiment, runs, rolledBack, atMost, rivals, promotedByOperator }) => [
    experiment.name,
    String(runs),
    shareOf(rolledBack, runs),
    `${(atMost * 100).toFixed(2)} %`,
    ...rivals.map((failed) => shareOf(failed, runs)),
    shareOf(promotedByOperator, runs),
    experiment.what,
  ]);
  return rows.length === 0 ? [] : [heads, ...rows];
}

function worseRows(all: readonly Detection[]): string[][] {
  const heads = ['weight', 'ramps', 'rolled back', 'promoted', 'requests: median', 'p95', 'seconds: median', 'p95', ''];
  const rows = all.map(({ experiment, runs, found, promoted, requests, seconds }) => [
    `${experiment.name.split('-').at(-1)} %`,
    String(runs),
    shareOf(found, runs),
    String(promoted),
    ...[requests.median, requests.p95, seconds.median, seconds.p95].map((value) =>
      Number.isFinite(value) ? value.toLocaleString('en-US') : 'over 6 h',
    ),
    experiment.what,
  ]);
  return rows.length === 0 ? [] : [heads, ...rows];
}

function blockedRows(all: readonly { experiment: Experiment; found: readonly Finding[] }[]): string[][] {
  const heads = [
    'traffic',
    'ramps',
    'promoted',
    'rolled back',
    '',
    'what is said at the end of the first, after an hour',
  ];
  const rows = all.map(({ experiment, found }) => [
    experiment.name,
    String(found.length),
    String(found.filter(({ advances }) => advances > 0).length),
    String(found.filter(isRolledBack).length),
    experiment.what,
    found[0]!.sentence,
  ]);
  return rows.length === 0 ? [] : [heads, ...rows];
}

function titled(title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '));
  return ['', title, ...lines.map((line) => `  ${line.trimEnd()}`)];
}

function performedOf(
  kind: Experiment['kind'],
  findings: Findings,
): { experiment: Experiment; found: readonly Finding[] }[] {
  return EXPERIMENTS.filter((each) => each.kind === kind).flatMap((experiment) => {
    const found = findings.get(experiment.name);
    return found ? [{ experiment, found }] : [];
  });
}

function isRolledBack({ rolledBackAtSecond }: Finding): boolean {
  return rolledBackAtSecond !== undefined;
}

function shareOf(some: number, all: number): string {
  return `${some} (${((some / all) * 100).toFixed(1)} %)`;
}

function quantiles(values: readonly number[]): { median: number; p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
  return { median: at(0.5), p95: at(0.95) };
}
