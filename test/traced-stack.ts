import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { putEmptyDatabase } from '../legacy-monolith/test/support/empty-database.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';
import { ROOT } from './running-stack.ts';
import { startTraced } from './traced-process.ts';
import type { TracedProcess } from './traced-process.ts';

/** The span of the client, which nobody receives. */
export const CLIENT = '00f067aa0ba902b7';
export const JSON_TYPE = { 'content-type': 'application/json' };
const PERSON = { email: 'traced@fit.example', password: 'a-long-password' };
/** Where it is day: right after midnight a workout is not held against the day before, so nothing is fetched for that. */
const ZONE = Math.abs(new Date().getUTCHours() - 12) < 6 ? 'UTC' : 'Pacific/Auckland';

type Servers = { receiver: OtlpReceiver; broken: Recorder; spare: Recorder };
type Processes = { monolith: TracedProcess; coach: TracedProcess; edge: TracedProcess };

/**
 * Monolith, coach and edge, which send their traces to a receiver in this process. On the route `/fitness/wod` everybody is
 * on the coach's side, on `/split` on that of `broken`, with `spare` for its fallback.
 */
export type TracedStack = AsyncDisposable &
  Servers &
  Processes & {
    /** For one more edge, with a folder of its own. */
    edgeEnv: (name: string) => Record<string, string>;
    /** As a person, within a trace. @param at the edge unless it is another one */
    ask: (path: string, trace: string, init?: RequestInit, at?: string) => Promise<Response>;
    mirrorWorkouts: () => Promise<void>;
  };

export async function startTracedStack(): Promise<TracedStack> {
  await using started = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'traces-'));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const servers = {
    receiver: started.use(await startOtlpReceiver()),
    broken: started.use(await startRecorder(answerAs('broken'))),
    spare: started.use(await startRecorder(answerAs('spare'))),
  };
  const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: servers.receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' };
  const start = async (name: TracedProcess['name'], env: Record<string, string>) =>
    started.use(await startTraced({ folder: name, env: { ...otlp, ...env } }));
  const dataDir = join(folder, 'legacy-monolith');
  await putEmptyDatabase(dataDir);
  const monolith = await start('legacy-monolith', { DATA_DIR: dataDir, LEGACY_WOD_COST_MS: '0' });
  const coachEnv = { LEGACY_URL: monolith.url, LEGACY_TIMEOUT_MS: '10000' };
  const [coach, token] = await Promise.all([start('coach-service', coachEnv), logInAt(monolith.url)]);
  const edgeEnv = (name: string) => edgeEnvIn(join(folder, name), servers, { monolith, coach });
  const edge = await start('edge-proxy', edgeEnv('edge'));
  const running = started.move();
  return {
    ...servers,
    monolith,
    coach,
    edge,
    edgeEnv,
    ask: async (path, trace, init = {}, at = edge.url) => {
      const own = { authorization: `Bearer ${token}`, traceparent: `00-${trace}-${CLIENT}-01` };
      const answer = await fetch(`${at}${path}`, { ...init, headers: { ...own, ...(init.headers as object) } });
      await answer.body?.cancel();
      return answer;
    },
    mirrorWorkouts: async () => await mirrorWorkouts(edge, join(folder, 'edge', 'admin-token')),
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

/** With headers that fetch would join or refuse. */
export async function askWith(headers: Record<string, string | string[]>, url: string): Promise<{ status: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request(url, { headers, agent: false }, (answer) => {
    void text(answer).then(() => resolve(answer.statusCode ?? 0), reject);
  });
  asked.once('error', reject).end();
  return { status: await promise };
}

function answerAs(name: string): Parameters<typeof startRecorder>[0] {
  return (_request, res) => sendJson(res, { by: name });
}

function edgeEnvIn(folder: string, { broken, spare }: Servers, { monolith, coach }: Omit<Processes, 'edge'>) {
  const adminToken = join(folder, 'admin-token');
  ensureAdminToken(adminToken);
  const patient = { firstByteTimeoutMs: 10_000 };
  const upstreams = {
    legacy: { url: monolith.url, ...patient },
    coach: { url: coach.url, ...patient },
    spare: { url: spare.url, ...patient },
    broken: { url: broken.url, firstByteTimeoutMs: 50, breaker: { failures: 1000, minimumCalls: 1000 } },
  };
  const compare = { module: join(ROOT, 'edge-proxy/comparators/workout.ts') };
  const routes = [
    { name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', initialWeight: 100, compare },
    { name: 'split', path: '/split', old: 'spare', new: 'broken', initialWeight: 100 },
  ];
  const config = join(folder, 'edge.json');
  writeFileSync(config, JSON.stringify({ upstreams, defaultUpstream: 'legacy', routes }));
  return {
    LEGACY_URL: monolith.url,
    EDGE_CONFIG: config,
    DATA_DIR: join(folder, 'data'),
    ADMIN_TOKEN_FILE: adminToken,
  };
}

async function logInAt(monolith: string): Promise<string> {
  const post = async (path: string, body: object) =>
    await fetch(`${monolith}${path}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
  await post('/auth/register', { ...PERSON, zoneinfo: ZONE });
  const { access_token } = (await (await post('/auth/login', PERSON)).json()) as { access_token: string };
  return access_token;
}

async function mirrorWorkouts({ adminUrl }: TracedProcess, tokenFile: string): Promise<void> {
  const authorization = `Bearer ${ensureAdminToken(tokenFile)}`;
  const url = `${adminUrl}/admin/v1/routes/wod`;
  const { headers } = await fetch(url, { headers: { authorization } });
  const answer = await fetch(`${url}/mirror`, {
    method: 'POST',
    headers: { ...JSON_TYPE, authorization, 'if-match': headers.get('etag') ?? '' },
    body: JSON.stringify({ share: 100, reason: 'to see it in a trace' }),
  });
  if (!answer.ok) throw new Error(`mirroring was refused: ${await answer.text()}`);
}
