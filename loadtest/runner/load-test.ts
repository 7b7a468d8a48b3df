import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { FolderInUseError, lockFolder } from '@fit/service-kit/exclusive-lock';
import { SCENARIOS, runSeconds } from '../src/scenarios.ts';
import { LoadTestError, usageError } from './failures.ts';
import { findK6, runK6 } from './k6.ts';
import { demoOperatorToken, ownOperatorToken } from './operator.ts';
import { readTokens, tokensOfPeople } from './people.ts';
import { runPhases } from './phases.ts';
import { mustBeWritable, writeReport } from './report-file.ts';
import { htmlReport } from './report/html.ts';
import { reportOf } from './report/report.ts';
import { textReport } from './report/text.ts';
import { restoring } from './restoring.ts';
import { RouteWeight } from './route-weight.ts';
import { DEFAULT_USERS } from './settings.ts';
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

/** What a run has found out before its first request. */
type Start = {
  settings: Settings;
  target: Target;
  /** Where runs leave what they keep. */
  folder: string;
  k6Version: string;
  operatorToken: string | undefined;
};

const ROOT = join(import.meta.dirname, '..', '..');

/**
 * One load test from beginning to end: people, weights, load, report. Whatever happens, the weight that was found is
 * restored, unless somebody else has changed it meanwhile.
 *
 * @returns whether it passed
 * @throws LoadTestError if there is no result
 */
export async function runLoadTest(settings: Settings, world: World): Promise<boolean> {
  const k6Version = findK6();
  if (settings.report !== undefined) mustBeWritable(resolve(settings.report));
  const dataDir = resolve(world.env['FIT_DATA_DIR'] || join(ROOT, '.data'));
  const target = findTarget(settings, dataDir);
  if (setsWeights(settings) && target.adminUrls.length === 0) {
    throw usageError(`${settings.scenario} sets weights: name the edge's admin API with --admin`);
  }
  const operatorToken = target.adminUrls.length > 0 ? ownOperatorToken(world.env, settings, Date.now()) : undefined;
  const folder = join(dataDir, 'loadtest');
  const lock = lockRuns(folder);
  try {
    return await runAlone({ settings, target, folder, k6Version, operatorToken }, world);
  } finally {
    lock.release();
  }
}

async function runAlone(start: Start, world: World): Promise<boolean> {
  const { settings, folder } = start;
  const tokens = await people(start, world);
  const weight = await findWeight(start, world);
  const startedAt = new Date();
  const runFolder = mkdtempSync(join(folder, 'run-'));
  return await restoring(weight, async () => {
    try {
      const phases = await runPhases({
        ...world,
        settings,
        weight,
        runLoad: (signal) => runK6({ plan: planOf(start, tokens, runFolder), folder: runFolder, signal }),
      });
      return tell(phases, { ...start, startedAt, people: tokens.length }, world);
    } finally {
      rmSync(runFolder, { recursive: true, force: true });
    }
  });
}

/** Two runs on one stack would each restore what the other one set. */
function lockRuns(folder: string): { release: () => void } {
  try {
    return lockFolder(folder);
  } catch (cause) {
    if (!(cause instanceof FolderInUseError)) throw cause;
    throw new LoadTestError('not-possible', `Another load test is running: ${cause.message}`, { cause });
  }
}

function setsWeights({ scenario, weight }: Settings): boolean {
  return weight !== 'keep' || scenario === 'objective' || scenario === 'rollout';
}

async function people({ settings, target, folder }: Start, { env, say, signal }: World): Promise<string[]> {
  const { scenario, load, users } = settings;
  const { minPeople } = SCENARIOS[scenario];
  const tokens =
    settings.tokens === undefined
      ? await tokensOfPeople({
          loginUrl: target.loginUrl,
          users: users ?? DEFAULT_USERS,
          password: passwordFrom(env),
          cacheFile: join(folder, 'tokens.json'),
          neededSeconds: runSeconds(scenario, load.seconds),
          say,
          signal,
        })
      : readTokens(settings.tokens).slice(0, users);
  if (tokens.length >= minPeople) return tokens;
  const option = settings.tokens === undefined ? '--users' : '--tokens';
  throw usageError(`${option}: ${scenario} needs ${minPeople} different people, received ${tokens.length}`);
}

/** Undefined where no admin API is known. */
async function findWeight({ settings, target, operatorToken }: Start, world: World): Promise<RouteWeight | undefined> {
  const { adminUrls, loginUrl } = target;
  if (adminUrls.length === 0) return undefined;
  const { env, signal, argv } = world;
  const token =
    operatorToken ?? (await demoOperatorToken(settings, { url: loginUrl, password: passwordFrom(env), signal }));
  return await RouteWeight.find({ adminUrls, token, reason: `load test: ${argv[0] ?? ''}` });
}

function passwordFrom(env: NodeJS.ProcessEnv): string {
  return env['DEMO_PASSWORD'] || 'demo-password';
}

function planOf({ settings, target }: Start, tokens: readonly string[], runFolder: string) {
  const { scenario, load } = settings;
  const tokensFile = join(runFolder, 'tokens.txt');
  writeFileSync(tokensFile, tokens.join('\n'), { mode: 0o600 });
  return {
    scenario,
    ...load,
    url: `${target.url}/fitness/wod`,
    skipsTlsVerification: target.skipsTlsVerification,
    tokensFile,
    people: Math.min(tokens.length, SCENARIOS[scenario].people(load)),
  };
}

type Run = Start & { startedAt: Date; people: number };

/** The text first: it is there even where the page cannot be written. */
function tell(phases: Awaited<ReturnType<typeof runPhases>>, run: Run, { argv, say }: World): boolean {
  const { settings, startedAt, folder } = run;
  const { scenario, load } = settings;
  const facts = factsOf(run, argv);
  const report = reportOf({ scenario, load, summary: SCENARIOS[scenario].summary, phases, facts });
  say(textReport(report));
  const page = resolve(settings.report ?? join(folder, `${scenario}-${fileTime(startedAt)}.html`));
  writeReport(page, htmlReport(report));
  say(`Charts: ${page}`);
  return report.verdict.passed;
}

function factsOf({ target, startedAt, k6Version, people }: Run, argv: readonly string[]): [string, string][] {
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
