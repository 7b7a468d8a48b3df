import { setImmediate } from 'node:timers/promises';
import type { Exercise } from '@fit/contracts/catalogue';
import { createLogger } from '@fit/service-kit/logger';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer, newRsaKey } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { Agent, request } from 'undici';
import { startCoach } from '../src/app.ts';
import type { Coach } from '../src/app.ts';
import { coachConfigFrom } from '../src/config/env.ts';
import type { RandomInt } from '../src/workout/draw.ts';

/** A coach on a real socket with a recording server in the monolith's place. */
export type CoachRig = AsyncDisposable & {
  coach: Coach;
  monolith: Recorder;
  /** What the monolith does by endpoint; replace one to make it fail. */
  routes: { catalogue: Behaviour; history: Behaviour; keys: Behaviour };
  issuer: TokenIssuer;
  clock: SettableClock;
  get: (path: string, options?: GetOptions) => Promise<Answer>;
  /** GET /fitness/wod with a good token. */
  workout: (options?: GetOptions) => Promise<Answer>;
  /** The value of one line of `/metrics`; 0 if there is none. `labels` as Prometheus writes them. */
  metric: (name: string, labels?: string) => Promise<number>;
};

export type GetOptions = {
  token?: string;
  /** Every `Authorization` header, instead of the token. */
  authorization?: string[];
  headers?: Record<string, string>;
  method?: 'GET' | 'POST' | 'HEAD' | 'OPTIONS';
  signal?: AbortSignal;
};

/** `json` is undefined where the answer is not JSON. */
export type Answer = Awaited<ReturnType<typeof send>>;

/** Stands still until it is set. */
export type SettableClock = { wall: Date; elapsed: number };

export type RigOptions = {
  env?: Record<string, string>;
  random?: RandomInt;
  exercises?: Exercise[];
  /** How the key set is served from the start; with it, the rig does not wait until the coach is ready. */
  keys?: Behaviour;
};

/** A person may wait longer than a test does, unless a test says otherwise. */
const PATIENT_ENV = { PORT: '0', LOG_LEVEL: 'silent', LEGACY_TIMEOUT_MS: '60000', CATALOGUE_TIMEOUT_MS: '60000' };

const PRIVATE_KEY = newRsaKey();

export async function startCoachRig(options: RigOptions = {}): Promise<CoachRig> {
  const { env, random, exercises = makeExercises(40), keys } = options;
  const issuer = createTokenIssuer({ privateKey: PRIVATE_KEY });
  const routes = {
    catalogue: serveCatalogue(exercises),
    history: serveHistory([]),
    keys: keys ?? ((_request, res) => sendJson(res, issuer.jwks)),
  } satisfies CoachRig['routes'];
  const monolith = await startRecorder((recorded, res) => {
    if (recorded.url.startsWith('/exercises')) return routes.catalogue(recorded, res);
    if (recorded.url.startsWith('/fitness/history?')) return routes.history(recorded, res);
    return routes.keys(recorded, res);
  });
  const clock: SettableClock = { wall: new Date(), elapsed: 0 };
  const coach = await startCoach(coachConfigFrom({ ...PATIENT_ENV, LEGACY_URL: monolith.url, ...env }), {
    clock: { now: () => clock.wall, elapsedMs: () => clock.elapsed },
    logger: createLogger('coach-service', 'silent'),
    ...(random && { random }),
  });
  if (!keys) await coach.ready;
  const client = new Agent();
  const get: CoachRig['get'] = async (path, options = {}) => await send(client, coach.url + path, options);
  return {
    coach,
    monolith,
    routes,
    issuer,
    clock,
    get,
    workout: (options) => get('/fitness/wod', { token: issuer.issue(), ...options }),
    metric: async (name, labels = '') => metricValue((await get('/metrics')).text, name, labels),
    [Symbol.asyncDispose]: async () => {
      await client.destroy();
      await coach.close();
      await monolith.refuse();
    },
  };
}

/** Holds once `check` returns true; asks again and again until then, without waiting. */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await setImmediate();
}

export const etagOf = (version: string) => `"${version}"`;

/** The catalogue with its ETag, and 304 for who knows it. */
export function serveCatalogue(exercises: Exercise[], version = 'v1'): Behaviour {
  return ({ headers }, res) => {
    if (headers['if-none-match'] === etagOf(version)) return void res.writeHead(304, { etag: etagOf(version) }).end();
    sendJson(res, { exercises }, { etag: etagOf(version) });
  };
}

/** The same ids for every day that is asked for. */
export function serveHistory(ids: number[]): Behaviour {
  return ({ url }, res) => {
    sendJson(res, { date: new URL(url, 'http://stand-in').searchParams.get('date'), exercise_ids: ids });
  };
}

/** Exercises 1 … count. */
export function makeExercises(count: number): Exercise[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    name: `Exercise ${index + 1}`,
    description: 'Lift it, lower it.',
    difficulty: 1 + (index % 5),
    equipment: 'barbell',
    body_part: 'legs',
    base_weight: 40,
    base_reps: 10,
    muscle_groups: [{ id: 1, name: 'quadriceps', body_part: 'legs', is_primary: true, intensity: 1 }],
  }));
}

async function send(client: Agent, url: string, options: GetOptions) {
  const { token, headers = {}, method = 'GET', signal } = options;
  const authorization = options.authorization ?? (token === undefined ? [] : [`Bearer ${token}`]);
  const response = await request(url, {
    dispatcher: client,
    method,
    headers: [...authorization.flatMap((value) => ['authorization', value]), ...Object.entries(headers).flat()],
    ...(signal && { signal }),
  });
  const text = await response.body.text();
  const isJson = String(response.headers['content-type']).includes('json') && text !== '';
  return { status: response.statusCode, headers: response.headers, json: isJson ? JSON.parse(text) : undefined, text };
}

function metricValue(exposition: string, name: string, labels: string): number {
  const line = exposition.split('\n').find((candidate) => {
    const [series = ''] = candidate.split(' ');
    return series.startsWith(`${name}{`) && labels.split(',').every((label) => series.includes(label));
  });
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1).replace('+Inf', 'Infinity'));
}
