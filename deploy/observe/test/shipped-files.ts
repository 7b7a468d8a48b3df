import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboardFiles } from '../grafana/dashboard-files.ts';

/** As Prometheus reads it. */
export type Rule = {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
export type Alert = Rule & { alert: string; labels: Record<string, string>; annotations: Record<string, string> };
export type RuleFile = { groups: { name: string; interval?: string; rules: Rule[] }[] };

/** What `promtool test rules` reads, as far as tests look at it. */
export type RuleTests = {
  tests: {
    name: string;
    alert_rule_test?: { alertname: string; eval_time: string; exp_alerts: { exp_labels: Record<string, string> }[] }[];
  }[];
};

export const OBSERVE = join(import.meta.dirname, '..');
export const PROMETHEUS_FILE = join(OBSERVE, 'prometheus.yml');
export const RUNBOOK = join(OBSERVE, '..', '..', 'docs', 'runbook');

export const ruleFiles = (): string[] => yamlIn(join(OBSERVE, 'rules'));
export const ruleTestFiles = (): string[] => yamlIn(join(OBSERVE, 'rules', 'tests'));

export function parseYaml(file: string): unknown {
  return parse(readFileSync(file, 'utf8'));
}

export function rules(): Rule[] {
  return ruleFiles().flatMap((file) => (parseYaml(file) as RuleFile).groups.flatMap((group) => group.rules));
}

export function alerts(): Alert[] {
  return rules().filter((rule): rule is Alert => rule.alert !== undefined);
}

/** Every expression of the dashboards, with the panel that it is of. */
export function dashboardQueries(): { panel: string; expr: string }[] {
  return dashboardFiles().flatMap(({ dashboard }) =>
    (dashboard.panels ?? []).flatMap((panel) =>
      ('targets' in panel ? (panel.targets ?? []) : []).map((target) => ({
        panel: `${dashboard.title}: ${panel.title}`,
        expr: (target as { expr?: string }).expr ?? '',
      })),
    ),
  );
}

/** Every question that the runbook asks of Prometheus. */
export function runbookQueries(): { panel: string; expr: string }[] {
  const text = readFileSync(join(RUNBOOK, 'alerts.md'), 'utf8');
  return [...text.matchAll(/\bask '([^']+)'/g)].map((match) => ({ panel: 'runbook', expr: match[1]! }));
}

/** Names of metrics that processes publish in an expression of PromQL; a histogram's without its endings. */
export function metricsIn(expr: string): string[] {
  const bare = expr.replace(/"[^"]*"/g, '').replace(/\b\w*:[\w:]+/g, '');
  const names = bare.match(/\b(?:edge|coach|legacy|http|fit|nodejs|process)_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(?:bucket|count|sum)$/, ''));
}

/** Names of recorded series in an expression. */
export function recordedIn(expr: string): string[] {
  return expr.match(/\b[a-z]\w*:[\w:]+/g) ?? [];
}

function yamlIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));
}
