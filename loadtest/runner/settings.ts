import { parseArgs } from 'node:util';
import { SCENARIOS, SCENARIO_NAMES } from '../src/scenarios.ts';
import type { Load, ScenarioName } from '../src/scenarios.ts';
import { usageError } from './failures.ts';

/** What somebody asked for on the command line. */
export type Settings = {
  scenario: ScenarioName;
  load: Load;
  /** Percent; `keep` leaves it as it is. Of objective and rollout, which have weights of their own, always `keep`. */
  weight: number | 'keep';
  target: 'edge' | 'nginx';
  url: string | undefined;
  login: string | undefined;
  admin: string[] | undefined;
  users: number;
  tokens: string | undefined;
  report: string | undefined;
};

const DEFAULT_USERS = 500;
/** As many as the monolith makes. */
const MAX_USERS = 10_000;
const MAX_SECONDS = 7 * 86_400;
const MAX_RATE = 5000;
const OWN_WEIGHTS: readonly ScenarioName[] = ['objective', 'rollout'];

export const USAGE = `npm run load -- SCENARIO [options]

${SCENARIO_NAMES.map((name) => `  ${name.padEnd(10)} ${SCENARIOS[name].summary}`).join('\n')}

Options
  --target edge|nginx   which front of the running stack (default: edge)
  --duration SECONDS    how long; of objective at each weight
                        (default: ${durations()})
  --rate N              requests a second, of stress and rollout (default: ${rates()})
  --weight N|keep       percent of users on the coach, of smoke, stress, spike, soak
                        (default: 100, of smoke keep: as it is)
  --users N             so many people log in beforehand (default: ${DEFAULT_USERS})
  --tokens FILE         instead: people's bearer tokens, one a line
  --report FILE         the page (default: <data folder>/loadtest/SCENARIO-TIME.html)
  --url URL             another stack: where workouts are asked for
  --login URL           … where people log in (default: the same)
  --admin URL[,URL…]    … the admin API of each edge that has a store of its own

The running stack is found by FIT_DATA_DIR. DEMO_PASSWORD is the people's password, EDGE_ADMIN_TOKEN an operator's token
(default: the demo operator logs in).

Exit codes: 0 passed; 1 failed; 2 wrong usage, no k6, no stack, nobody to log in; 130 and 143 interrupted.
objective's follows weight 100 alone.`;

/**
 * @returns undefined if help was asked for
 * @throws LoadTestError naming the option, its rule and the value
 */
export function readSettings(argv: readonly string[]): Settings | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [name, ...rest] = positionals;
  const scenario = SCENARIO_NAMES.find((each) => each === name);
  if (!scenario || rest.length > 0) {
    const received = positionals.length === 0 ? 'none' : JSON.stringify(positionals.join(' '));
    throw usageError(`the scenario must be one of ${SCENARIO_NAMES.join(', ')}, received ${received}`);
  }
  const { defaults, hasRate } = SCENARIOS[scenario];
  if (values.rate !== undefined && !hasRate) throw usageError(`--rate is for stress and rollout, not for ${scenario}`);
  return {
    scenario,
    load: {
      seconds: whole('--duration', values.duration, { max: MAX_SECONDS, fallback: defaults.seconds }),
      rate: whole('--rate', values.rate, { max: MAX_RATE, fallback: defaults.rate }),
    },
    weight: weightFrom(values.weight, scenario),
    target: targetFrom(values.target),
    url: originFrom('--url', values.url),
    login: originFrom('--login', values.login),
    admin: values.admin?.split(',').map((url) => originFrom('--admin', url.trim()) ?? ''),
    users: whole('--users', values.users, { max: MAX_USERS, fallback: DEFAULT_USERS }),
    tokens: values.tokens,
    report: values.report,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    target: text,
    duration: text,
    rate: text,
    weight: text,
    users: text,
    tokens: text,
    report: text,
    url: text,
    login: text,
    admin: text,
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

function whole(option: string, text: string | undefined, rule: { max: number; fallback: number }): number {
  if (text === undefined) return rule.fallback;
  const value = Number(text);
  if (/^\d{1,7}$/.test(text) && value >= 1 && value <= rule.max) return value;
  throw usageError(`${option} must be a whole number from 1 to ${rule.max}, received ${JSON.stringify(text)}`);
}

function weightFrom(text: string | undefined, scenario: ScenarioName): number | 'keep' {
  if (OWN_WEIGHTS.includes(scenario)) {
    if (text === undefined) return 'keep';
    throw usageError(`--weight is not for ${scenario}, which sets its own ones`);
  }
  if (text === undefined) return scenario === 'smoke' ? 'keep' : 100;
  if (text === 'keep') return 'keep';
  if (/^\d{1,3}(\.\d{1,2})?$/.test(text) && Number(text) <= 100) return Number(text);
  throw usageError(
    `--weight must be percent from 0 to 100 in steps of 0.01, or keep, received ${JSON.stringify(text)}`,
  );
}

function targetFrom(text = 'edge'): 'edge' | 'nginx' {
  if (text === 'edge' || text === 'nginx') return text;
  throw usageError(`--target must be edge or nginx, received ${JSON.stringify(text)}`);
}

function originFrom(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username) return url.origin;
  throw usageError(`${option} must be http(s)://host:port, received ${JSON.stringify(text)}`);
}

function durations(): string {
  return SCENARIO_NAMES.map((name) => `${name} ${SCENARIOS[name].defaults.seconds}`).join(', ');
}

function rates(): string {
  return SCENARIO_NAMES.filter((name) => SCENARIOS[name].hasRate)
    .map((name) => `${name} ${SCENARIOS[name].defaults.rate}`)
    .join(', ');
}
