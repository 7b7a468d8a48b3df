import { SCENARIOS } from '../../src/scenarios.ts';
import type { Load, ScenarioName } from '../../src/scenarios.ts';
import { columnsOf } from '../columns.ts';
import type { Column } from '../columns.ts';
import { commonFaults } from '../figures.ts';
import type { Phase } from '../phases.ts';
import { objectiveWord, verdictOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/** A result as both forms of the report show it. */
export type Report = {
  scenario: ScenarioName;
  summary: string;
  verdict: Verdict;
  titles: string[];
  rows: { label: string; cells: string[] }[];
  thresholds: string[];
  faults: string[];
  /** Where and with what it ran: name and value. */
  facts: (readonly [name: string, value: string])[];
  phases: readonly Phase[];
};

type Result = {
  scenario: ScenarioName;
  load: Load;
  summary: string;
  phases: readonly Phase[];
  facts: Report['facts'];
};

const NONE = '–';
const MAX_FAULTS = 5;

const ROWS: readonly { label: string; cell: (column: Column) => string }[] = [
  { label: 'requests', cell: ({ figures }) => whole(figures.requests) },
  { label: 'a second', cell: ({ figures }) => figures.perSecond.toFixed(1) },
  { label: 'p50', cell: ({ figures }) => duration(figures.p50Ms) },
  { label: 'p95', cell: ({ figures }) => duration(figures.p95Ms) },
  { label: 'p99', cell: ({ figures }) => duration(figures.p99Ms) },
  { label: 'longest', cell: ({ figures }) => duration(figures.maxMs) },
  { label: 'failed', cell: ({ figures }) => failures(figures) },
  { label: 'people', cell: ({ figures }) => whole(figures.people) },
  { label: 'weight set', cell: ({ weight }) => (weight === undefined ? 'not known' : `${weight} %`) },
  { label: 'people on the coach', cell: ({ figures }) => percent(figures.coachShareOfPeople) },
  { label: 'requests to the coach', cell: ({ figures }) => percent(figures.coachShareOfRequests) },
  { label: 'fallbacks', cell: ({ figures }) => whole(figures.fallbacks) },
];

export function reportOf({ scenario, load, summary, phases, facts }: Result): Report {
  const columns = columnsOf(scenario, load, phases);
  const rows = ROWS.map(({ label, cell }) => ({ label, cells: columns.map(cell) }));
  if (scenario === 'objective') rows.push({ label: 'objective', cells: phases.map(objectiveWord) });
  return {
    scenario,
    summary,
    verdict: verdictOf(scenario, phases),
    titles: columns.map(({ title }) => title),
    rows,
    thresholds: phases.flatMap((phase) => describeThresholds(scenario, phase)),
    faults: phases.flatMap(describeFaults),
    facts,
    phases,
  };
}

export function duration(ms: number | undefined): string {
  if (ms === undefined) return NONE;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

function describeThresholds(scenario: ScenarioName, { name, thresholds, dropped }: Phase): string[] {
  const lines = thresholds.map(({ metric, rule, isMet }) => `${name}: ${metric} ${rule}: ${isMet ? 'met' : 'missed'}`);
  // Where a rate drives, k6 drops what is due and finds nobody free; else what is left when the time is over.
  const why = SCENARIOS[scenario].atOnce === 0 ? 'all users waited' : 'the time was over';
  return dropped === 0 ? lines : [...lines, `${name}: requests not sent, as ${why}: ${dropped}`];
}

function describeFaults({ name, answers }: Phase): string[] {
  return commonFaults(answers, MAX_FAULTS).map(({ fault, count }) => `${name}: ${count} × ${fault}`);
}

function failures({ failed, failedShare }: Column['figures']): string {
  return failed === 0 ? '0' : `${whole(failed)} (${percent(failedShare)})`;
}

function percent(share: number | undefined): string {
  if (share === undefined) return NONE;
  return `${Number((share * 100).toFixed(share < 0.01 ? 2 : 1))} %`;
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
