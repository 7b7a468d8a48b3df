import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SCENARIOS } from '../src/scenarios.ts';
import { usageError } from './failures.ts';
import { findK6, runK6 } from './k6.ts';
import { logInOperator } from './log-in.ts';
import { readTokens, tokensOfPeople } from './people.ts';
import { runPhases } from './phases.ts';
import { htmlReport } from './report/html.ts';
import { reportOf } from './report/report.ts';
import { textReport } from './report/text.ts';
import { RouteWeight } from './route-weight.ts';
import type { Settings } from './settings.ts';
import { findTarget } from './target.ts';
import type { Target } from './target.ts';

export type World = {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** Its reason is what the run ends with. */
  signal: AbortSignal;
};

const ROOT = join(import.meta.dirname, '..', '..');
const OPERATOR = 'operator@fit.example';
/** Logging in, k6's start, and the last requests come on top of the load's own time. */
const EXTRA_SECONDS = 600;

/**
 * One load test from beginning to end: people, weights, load, report. Whatever happens, the weight that was found is
 * restored.
 *
 * @returns whether it passed
 * @throws LoadTestError if there is no result
 */
export async function runLoadTest(settings: Settings, world: World): Promise<boolean> {
  const k6Version = findK6();
  const dataDir = resolve(world.env['FIT_DATA_DIR'] || join(ROOT, '.data'));
  const target = findTarget(settings, dataDir);
  if (setsWeights(settings) && target.adminUrls.length === 0) {
    throw usageError(`${settings.scenario} sets weights: name the edge's admin API with --admin`);
  }
  const folder = join(dataDir, 'loadtest');
  mkdirSync(folder, { recursive: true });
  const tokens = await people(settings, target, { ...world, cacheFile: join(folder, 'tokens.json') });
  const weight = await findWeight(target, world);
  const startedAt = new Date();
  const runFolder = mkdtempSync(join(folder, 'run-'));
  try {
    const tokensFile = join(runFolder, 'tokens.txt');
    writeFileSync(tokensFile, tokens.join('\n'), { mode: 0o600 });
    const { scenario, load } = settings;
    const plan = {
      scenario,
      ...load,
      url: `${target.url}/fitness/wod`,
      skipsTlsVerification: target.skipsTlsVerification,
      tokensFile,
      people: Math.min(tokens.length, SCENARIOS[scenario].people(load)),
    };
    const phases = await runPhases({
      ...world,
      settings,
      weight,
      runLoad: (signal) => runK6({ plan, folder: runFolder, signal }),
    });
    const facts = factsOf(world, { target, startedAt, k6Version, people: tokens.length });
    const report = reportOf({ scenario, load, summary: SCENARIOS[scenario].summary, phases, facts });
    const page = resolve(settings.report ?? join(folder, `${scenario}-${fileTime(startedAt)}.html`));
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, htmlReport(report));
    world.say(`${textReport(report)}\nCharts: ${page}`);
    return report.verdict.passed;
  } finally {
    rmSync(runFolder, { recursive: true, force: true });
    await weight?.restore();
  }
}

function setsWeights({ scenario, weight }: Settings): boolean {
  return weight !== 'keep' || scenario === 'objective' || scenario === 'rollout';
}

async function people(
  settings: Settings,
  { loginUrl }: Target,
  { env, say, signal, cacheFile }: World & { cacheFile: string },
): Promise<string[]> {
  const { scenario, load, users } = settings;
  const { atOnce } = SCENARIOS[scenario];
  const neededSeconds = load.seconds * 3 + EXTRA_SECONDS;
  const password = passwordFrom(env);
  const tokens =
    settings.tokens === undefined
      ? await tokensOfPeople({ loginUrl, users, password, cacheFile, neededSeconds, say, signal })
      : readTokens(settings.tokens).slice(0, users);
  if (tokens.length >= atOnce) return tokens;
  const option = settings.tokens === undefined ? '--users' : '--tokens';
  throw usageError(`${option}: ${scenario} needs ${atOnce} different people, received ${tokens.length}`);
}

/** Undefined where no admin API is known. */
async function findWeight({ adminUrls, loginUrl }: Target, world: World): Promise<RouteWeight | undefined> {
  if (adminUrls.length === 0) return undefined;
  const { env, signal, argv } = world;
  const token =
    env['EDGE_ADMIN_TOKEN']?.trim() ||
    (await logInOperator({ url: loginUrl, email: OPERATOR, password: passwordFrom(env), signal }));
  return await RouteWeight.find({ adminUrls, token, reason: `load test: ${argv[0] ?? ''}` });
}

function passwordFrom(env: NodeJS.ProcessEnv): string {
  return env['DEMO_PASSWORD'] || 'demo-password';
}

type Facts = { target: Target; startedAt: Date; k6Version: string; people: number };

function factsOf({ argv }: World, { target, startedAt, k6Version, people }: Facts): [string, string][] {
  return [
    ['command', `npm run load -- ${argv.join(' ')}`],
    ['target', target.name],
    ['people logged in', people.toLocaleString('en')],
    ['started', startedAt.toISOString()],
    ['machine', `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${process.platform}`],
    ['versions', `k6 ${k6Version}, Node ${process.versions.node}`],
  ];
}

/** In a file's name, on every system. */
function fileTime(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(':', '-');
}
