import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import { PROMTOOL } from '@fit/test-kit/prometheus';
import {
  PROMETHEUS_FILE,
  RUNBOOK,
  alerts,
  dashboardQueries,
  metricsIn,
  parseYaml,
  recordedIn,
  ruleFiles,
  ruleTestFiles,
  rules,
  runbookQueries,
} from './test/shipped-files.ts';
import type { Alert, RuleTests } from './test/shipped-files.ts';

const TABLE_OF_METRICS = join(RUNBOOK, '..', 'metrics.md');

await describeWith(PROMTOOL, 'promtool', (run) => {
  test.each([
    ['the configuration', ['config', PROMETHEUS_FILE]],
    ['each file of rules', ['rules', ...ruleFiles()]],
  ])('accepts %s', (_what, words) => {
    const { exitCode, said } = run(['check', ...words]);
    expect({ exitCode, said }).toEqual({ exitCode: 0, said });
    for (const file of ruleFiles()) expect(said).toContain(basename(file));
  });

  test.each(ruleTestFiles().map((file) => [basename(file), file]))(
    'finds every expectation of %s met',
    (_name, file) => {
      const { exitCode, said } = run(['test', 'rules', file]);
      expect(said).toContain('SUCCESS');
      expect(exitCode).toBe(0);
    },
    120_000,
  );
});

describe.each(alerts().map((alert) => [titleOf(alert), alert] as const))('%s', (_title, alert) => {
  const looks = ruleTestFiles()
    .flatMap((file) => (parseYaml(file) as RuleTests).tests)
    .flatMap((each) => each.alert_rule_test ?? [])
    .filter(({ alertname }) => alertname === alert.alert);
  const isExpected = ({ exp_alerts: expected }: (typeof looks)[number]) =>
    expected.some(({ exp_labels: labels }) => Object.entries(alert.labels).every(([name, of]) => labels[name] === of));

  test('has a test in which it fires, and one in which it does not', () => {
    expect(new Set(looks.map(isExpected))).toEqual(new Set([true, false]));
  });

  test('says how urgent it is, what is the matter, and in numbers', () => {
    expect(['page', 'ticket']).toContain(alert.labels['severity']);
    expect(alert.annotations['summary']).toMatch(/\{\{ \$(?:value|labels)/);
    expect(alert.annotations['description']).toMatch(/\d|\$value|humanize/);
  });

  test('points to its own section of the runbook', () => {
    const [page, anchor] = alert.annotations['runbook_url']!.replace('{{ $externalLabels.runbooks }}/', '').split('#');
    const file = join(RUNBOOK, page!);
    expect(existsSync(file)).toBe(true);
    expect(anchorsOf(readFileSync(file, 'utf8'))).toContain(anchor);
    expect(anchor).toBe(alert.alert.toLowerCase());
  });
});

test('the base of the runbook’s addresses leads to it from the root of the repository', () => {
  const { global } = parseYaml(PROMETHEUS_FILE) as { global: { external_labels: Record<string, string> } };
  expect(join(RUNBOOK, '..', '..', global.external_labels['runbooks']!)).toBe(RUNBOOK);
});

test('rules, dashboards and runbook read only metrics that the table of metrics has', () => {
  const known = readFileSync(TABLE_OF_METRICS, 'utf8').match(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?:_?\*)?/g) ?? [];
  const isKnown = (name: string) =>
    known.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name));
  const read = [...rules(), ...dashboardQueries(), ...runbookQueries()].flatMap(({ expr }) => metricsIn(expr));
  expect(read.length).toBeGreaterThan(50);
  expect([...new Set(read)].filter((name) => !isKnown(name))).toEqual([]);
});

test('what is recorded is recorded once, and nothing else is read', () => {
  const recorded = rules().flatMap(({ record }) => record ?? []);
  expect(recorded.length).toBe(new Set(recorded).size);
  const read = [...rules(), ...dashboardQueries(), ...runbookQueries()].flatMap(({ expr }) => recordedIn(expr));
  expect([...new Set(read)].filter((name) => !recorded.includes(name))).toEqual([]);
});

function titleOf({ alert, labels }: Alert): string {
  return labels['windows'] ? `${alert} (${labels['windows']})` : alert;
}

/** As a page of Markdown names its headings: small letters, dashes for spaces, nothing else but letters and digits. */
function anchorsOf(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}
