import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { PROMETHEUS_FILE, parseYaml, ruleFiles } from './shipped-files.ts';
import type { RuleFile } from './shipped-files.ts';

type Config = {
  global: Record<string, unknown>;
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
};

export type TimeLapseOptions = {
  folder: string;
  /** Addresses for each job, in the place of those that are shipped. */
  targets: Readonly<Record<string, string[]>>;
  /** So many times as fast. */
  factor: number;
};

/**
 * The shipped configuration and rules as they are, but with other targets, and with every duration divided: intervals of
 * looks and of evaluations, `for`, ranges and offsets. A scrape may take the whole interval: machines do not get faster.
 *
 * @returns the file of the configuration
 */
export function writeTimeLapse({ folder, targets, factor }: TimeLapseOptions): string {
  const config = parseYaml(PROMETHEUS_FILE) as Config;
  const rulesFolder = join(folder, 'rules');
  mkdirSync(rulesFolder);
  for (const file of ruleFiles()) {
    const { groups } = parseYaml(file) as RuleFile;
    writeFileSync(
      join(rulesFolder, basename(file)),
      stringify({ groups: groups.map((each) => hurried(each, factor)) }),
    );
  }
  const configFile = join(folder, 'prometheus.yml');
  const { scrape_timeout: _patience, ...rest } = config.global;
  const lapse = (name: string) => ({ [name]: divided(String(rest[name]), factor) });
  const global = { ...rest, ...lapse('scrape_interval'), ...lapse('evaluation_interval') };
  const scrapeConfigs = config.scrape_configs.map((job) => ({
    ...job,
    static_configs: [{ targets: targets[job.job_name] ?? [] }],
  }));
  writeFileSync(configFile, stringify({ ...config, global, scrape_configs: scrapeConfigs }));
  return configFile;
}

function hurried(group: RuleFile['groups'][number], factor: number): RuleFile['groups'][number] {
  return {
    ...group,
    ...(group.interval !== undefined && { interval: divided(group.interval, factor) }),
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr
        .replace(/\[(\d+[smhd])\]/g, (_whole, range: string) => `[${divided(range, factor)}]`)
        .replace(/\boffset (\d+[smhd])/g, (_whole, offset: string) => `offset ${divided(offset, factor)}`),
      ...(rule.for !== undefined && { for: divided(rule.for, factor) }),
    })),
  };
}

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1m` by 20 is `3000ms`. */
function divided(duration: string, factor: number): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  if (count === undefined) throw new RangeError(`a duration must be a number and s, m, h or d, received ${duration}`);
  return `${Math.round((Number(count) * MILLISECONDS[unit!]!) / factor)}ms`;
}
