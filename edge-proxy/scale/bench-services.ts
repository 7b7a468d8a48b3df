import type { Request, Started } from './processes.ts';
import { cpuMicros, send, startPostgres, startService } from './processes.ts';
import type { Found } from './measured.ts';

const PEOPLE = 40;
const WARM_UP = 3000;
const COUNT = 1500;
/** What disturbs the machine makes requests dearer, never cheaper: the least of these counts. */
const ROUNDS = 4;
/** A person's own history of one day. */
const HISTORY = `/fitness/history?date=${new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)}`;

/** What the monolith, its PostgreSQL and the coach take for what a workout needs of them. */
export async function benchServices(folder: string, say: (text: string) => void): Promise<Found> {
  const postgres = await startPostgres(folder);
  if (!postgres) {
    say('without PostgreSQL, which is not installed: the services are left out');
    return {};
  }
  const env = { SEED_DEMO: '1', SEED_DEMO_PEOPLE: String(PEOPLE), LEGACY_WOD_COST_MS: '0' };
  const monolith = await startService('legacy-monolith', {
    folder,
    env: { ...env, DATABASE_URL: postgres.databaseUrl },
  });
  const coach = await startService('coach-service', { folder, env: { LEGACY_URL: monolith.url } });
  say('the monolith: logins');
  const { micros, done: tokens } = await cpuMicros([monolith.pid], () => logIn(monolith.url));
  const rig: Rig = { monolith, postgres, coach, tokens, say };
  const loginMicros = micros[0]! / tokens.length;
  const found = { loginMicros, ...(await benchMonolith(rig)), ...(await benchCoach(rig)) };
  for (const started of [coach, monolith, postgres]) started.stop();
  return found;
}

type Rig = {
  monolith: Started;
  postgres: Started;
  coach: Started;
  tokens: readonly string[];
  say: (text: string) => void;
};

async function benchMonolith({ monolith, postgres, tokens, say }: Rig): Promise<Found> {
  const [token = ''] = tokens;
  const etag = (await fetch(`${monolith.url}/exercises`, { headers: { authorization: token } })).headers.get('etag');
  const measure = async (name: string, path: string, headers: Record<string, string> = {}) => {
    say(`the monolith: ${name}`);
    const requests = tokens.map((authorization): Request => ({ path, authorization, headers }));
    const before = await statementsOf(monolith.url);
    const cheapest = await leastOf([monolith, postgres], monolith.url, requests);
    const statements = (await statementsOf(monolith.url)) - before;
    return { ...cheapest, statements: statements / (WARM_UP + ROUNDS * COUNT) };
  };
  const history = await measure('history', HISTORY);
  const whole = await measure('the whole catalogue', '/exercises');
  const unchanged = await measure('the catalogue, unchanged', '/exercises', { 'if-none-match': etag ?? '' });
  const old = await measure('the old generator, without its cost', '/fitness/wod');
  return {
    historyMicros: history.micros[0]!,
    historyPostgresMicros: history.micros[1]!,
    historyStatements: history.statements,
    catalogueMicros: whole.micros[0]!,
    catalogueBytes: whole.bodyBytes,
    catalogueUnchangedMicros: unchanged.micros[0]!,
    oldWorkoutMicros: old.micros[0]!,
    oldWorkoutPostgresMicros: old.micros[1]!,
    oldWorkoutStatements: old.statements,
  };
}

async function benchCoach({ coach, monolith, postgres, tokens, say }: Rig): Promise<Found> {
  say('the coach: workouts');
  const requests = tokens.map((authorization): Request => ({ path: '/fitness/wod', authorization }));
  const before = await callsOf(coach.url);
  const { micros, bodyBytes } = await leastOf([coach, monolith, postgres], coach.url, requests);
  const calls = (await callsOf(coach.url)).history - before.history;
  return {
    coachMicros: micros[0]!,
    historyCallsPerWorkout: calls / (WARM_UP + ROUNDS * COUNT),
    workoutBytes: bodyBytes,
  };
}

/** CPU time a request of each process, in the round that took the least of the first. */
async function leastOf(processes: readonly Started[], url: string, requests: readonly Request[]) {
  await send(url, { requests, count: WARM_UP });
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const pids = processes.map(({ pid }) => pid);
    const { micros, done } = await cpuMicros(pids, () => send(url, { requests, count: COUNT }));
    if (done.failed.length > 0) throw new Error(`${done.failed.length} of ${COUNT} failed, like ${done.failed[0]}`);
    rounds.push({ micros: micros.map((each) => each / COUNT), bodyBytes: done.bodyBytes });
  }
  return rounds.reduce((least, each) => (each.micros[0]! < least.micros[0]! ? each : least));
}

async function logIn(url: string): Promise<string[]> {
  const all: string[] = [];
  for (let person = 1; person <= PEOPLE; person++) {
    const answer = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        email: `person-${String(person).padStart(4, '0')}@fit.example`,
        password: 'demo-password',
        audience: 'fit',
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token?: string };
    if (token === undefined) throw new Error(`person ${person} could not log in (${answer.status})`);
    all.push(`Bearer ${token}`);
  }
  return all;
}

async function statementsOf(url: string): Promise<number> {
  return sumOf(await (await fetch(`${url}/metrics`)).text(), /^legacy_db_query_duration_seconds_count\{.*\} (\S+)$/gm);
}

async function callsOf(url: string): Promise<Record<'history' | 'catalogue', number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const of = (endpoint: string) =>
    sumOf(
      text,
      new RegExp(`^coach_upstream_request_duration_seconds_count\\{[^}]*endpoint="${endpoint}".*\\} (\\S+)$`, 'gm'),
    );
  return { history: of('history'), catalogue: of('catalogue') };
}

function sumOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}
