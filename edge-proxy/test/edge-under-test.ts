import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@fit/service-kit/logger';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer, newRsaKey } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { startEdge } from '../src/app.ts';
import { readEnv } from '../src/config/env.ts';
import type { EdgeLog } from '../src/telemetry/edge-log.ts';

/** A real edge before two recording upstreams, with an issuer of tokens that it trusts. */
export type EdgeUnderTest = AsyncDisposable & {
  url: string;
  adminUrl: string;
  legacy: Recorder;
  coach: Recorder;
  tokens: TokenIssuer;
  /** A request to the public port, on a connection of its own unless told otherwise. */
  get: (path: string, options?: RequestOptions) => Promise<Answer>;
  setWeight: (percent: number) => Promise<void>;
  /** Sends bytes to the public port and resolves with all that comes back until the connection ends. */
  raw: (bytes: string) => Promise<string>;
};

export type RequestOptions = Omit<Dispatcher.RequestOptions, 'method' | 'path' | 'origin'> & { method?: string };
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

export type EdgeSettings = {
  env?: Record<string, string>;
  /** Members of the route file's upstreams, added to those that the tests need. */
  legacyUpstream?: object;
  coachUpstream?: object;
  route?: object;
  /** Nothing is logged without. */
  log?: EdgeLog;
};

export const answeringAs =
  (name: string): Behaviour =>
  (_request, res) =>
    sendJson(res, { by: name }, { 'x-served-by': name });

const PRIVATE_KEY = newRsaKey();

export async function startEdgeUnderTest(settings: EdgeSettings = {}): Promise<EdgeUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'edge-'));
  const tokens = createTokenIssuer({ privateKey: PRIVATE_KEY });
  const legacy = await startRecorder(answeringAs('legacy'));
  const coach = await startRecorder(answeringAs('coach'));
  const keyServer = await startRecorder((_request, res) => sendJson(res, tokens.jwks));
  const configFile = join(folder, 'edge.config.json');
  await writeFile(configFile, JSON.stringify(routeFile(legacy.url, coach.url, settings)));
  const env = {
    PORT: '0',
    ADMIN_PORT: '0',
    DATA_DIR: join(folder, 'data'),
    EDGE_CONFIG: configFile,
    DRAIN_DELAY_MS: '0',
    JWKS_URL: `${keyServer.url}/.well-known/jwks.json`,
    ...settings.env,
  };
  const edge = await startEdge(readEnv(env), settings.log ?? { logger: createLogger('edge-proxy', 'silent') });
  const agent = new Agent({ pipelining: 0 });
  const client = { url: edge.url, adminUrl: edge.adminUrl, agent, tokens };
  return {
    ...client,
    legacy,
    coach,
    get: (path, options) => ask(client, path, options),
    setWeight: (percent) => setWeight(client, percent),
    raw: (bytes) => sendRaw(edge.url, bytes),
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      await edge.close();
      await Promise.all([legacy, coach, keyServer].map((server) => server[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true });
    },
  };
}

function routeFile(legacyUrl: string, coachUrl: string, settings: EdgeSettings) {
  return {
    upstreams: {
      legacy: { url: legacyUrl, ...settings.legacyUpstream },
      coach: { url: coachUrl, ...settings.coachUpstream },
    },
    defaultUpstream: 'legacy',
    routes: [{ name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', ...settings.route }],
  };
}

type Client = { url: string; adminUrl: string; agent: Agent; tokens: TokenIssuer };

async function ask({ url, agent }: Client, path: string, options: RequestOptions = {}): Promise<Answer> {
  // A path of its own, not a URL: that would take dot segments away.
  const { statusCode, headers, body } = await agent.request({
    origin: url,
    path,
    method: 'GET',
    ...(options as object),
  });
  return { status: statusCode, headers, body: await body.text() };
}

/** As an operator does it: through the admin API, with the revision that is there. */
async function setWeight({ adminUrl, agent, tokens }: Client, percent: number): Promise<void> {
  const authorization = `Bearer ${tokens.issue({ aud: 'edge-admin', roles: ['operator'] })}`;
  const route = `${adminUrl}/admin/v1/routes/wod`;
  const seen = await request(route, { dispatcher: agent, headers: { authorization } });
  const { revision } = (await seen.body.json()) as { revision: number };
  const changed = await request(`${route}/weight`, {
    dispatcher: agent,
    method: 'PUT',
    headers: { authorization, 'if-match': `"${revision}"`, 'content-type': 'application/json' },
    body: JSON.stringify({ weight: percent, reason: 'test' }),
  });
  const text = await changed.body.text();
  if (changed.statusCode !== 200) throw new Error(`the weight was refused: ${changed.statusCode} ${text}`);
}

async function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  let received = '';
  for await (const chunk of socket) received += (chunk as Buffer).toString('latin1');
  return received;
}
