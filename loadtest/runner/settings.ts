import { parseArgs } from 'node:util';
import { SCENARIOS, SCENARIO_NAMES, maxLoadSeconds } from '../src/scenarios.ts';
import type { Load, ScenarioName } from '../src/scenarios.ts';
import { usageError } from './failures.ts';
import { MAX_TOKEN_SECONDS } from './log-in.ts';

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
  /** Undefined: as many as the default, or all whose tokens are given. */
  users: number | undefined;
  tokens: string | undefined;
  report: string | undefined;
};

export const DEFAULT_USERS = 500;
/** As many as the monolith makes. */
const MAX_USERS = 10_000;
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
  --tokens FILE         instead: people's bearer tokens, one a line (of all, unless --users is given)
  --report FILE         the page (default: <data folder>/loadtest/SCENARIO-TIME.html)
  --url URL             another stack: where workouts are asked for
  --login URL           … where people log in (default: the same)
  --admin URL[,URL…]    … the admin API of each edge that has a store of its own

The running stack is found by FIT_DATA_DIR. DEMO_PASSWORD is the people's password, EDGE_ADMIN_TOKEN an operator's token
(default: the demo operator logs in).

Exit codes: 0 passed; 1 failed, or somebody else changed the weight; 2 wrong usage, no k6, no stack, nobody to log in,
another load test; 129, 130 and 143 interrupted. objective's follows weight 100 alone.`;

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
  if (values.url !== undefined && values.target !== undefined) {
    throw usageError(`--target is for the running stack, not with --url, received ${JSON.stringify(values.target)}`);
  }
  return {
    scenario,
    load: loadFrom(values, scenario),
    weight: weightFrom(values.weight, scenario),
    target: targetFrom(values.target),
    url: originFrom('--url', values.url),
    login: originFrom('--login', values.login),
    admin: values.admin?.split(',').map((url) => originFrom('--admin', url.trim()) ?? ''),
    users: values.users === undefined ? undefined : whole('--users', values.users, { min: 1, max: MAX_USERS }),
    tokens: values.tokens,
    report: values.report,
  };
}

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  target: TEXT,
  duration: TEXT,
  rate: TEXT,
  weight: TEXT,
  users: TEXT,
  tokens: TEXT,
  report: TEXT,
  url: TEXT,
  login: TEXT,
  admin: TEXT,
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(argv: readonly string[]) {
  const args = joinDashValues(argv);
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageError((error as Error).message);
  }
}

/** `--weight -1` as `--weight=-1`, so that the value's own rule refuses it: Node would call it ambiguous. */
function joinDashValues(argv: readonly string[]): string[] {
  const args: string[] = [];
  for (const arg of argv) {
    const option = args.at(-1) ?? '';
    if (!isTextOption(option) || !/^-./.test(arg)) args.push(arg);
    else if (isTextOption(arg)) throw usageError(`${option} needs a value, received ${JSON.stringify(arg)}`);
    else args.splice(-1, 1, `${option}=${arg}`);
  }
  return args;
}

function isTextOption(arg: string): boolean {
  return arg !== '--help' && arg.startsWith('--') && Object.hasOwn(OPTIONS, arg.slice(2));
}

function loadFrom(values: { duration?: string; rate?: string }, scenario: ScenarioName): Load {
  const { defaults, hasRate, people, minPeople, minSeconds } = SCENARIOS[scenario];
  if (values.rate !== undefined && !hasRate) throw usageError(`--rate is for stress and rollout, not for ${scenario}`);
  const limits = { min: minSeconds, max: maxLoadSeconds(scenario, MAX_TOKEN_SECONDS) };
  const load = {
    seconds: values.duration === undefined ? defaults.seconds : whole('--duration', values.duration, limits),
    rate: values.rate === undefined ? defaults.rate : whole('--rate', values.rate, { min: 1, max: MAX_RATE }),
  };
  if (people(load) >= minPeople) return load;
  const made = `${load.seconds} s with ${load.rate} a second make ${people(load)}`;
  throw usageError(
    `--duration, --rate: ${scenario} needs ${minPeople} people, each with a request at each weight; ${made}`,
  );
}

function whole(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d{1,7}$/.test(text) && value >= min && value <= max) return value;
  throw usageError(`${option} must be a whole number from ${min} to ${max}, received ${JSON.stringify(text)}`);
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
