import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAdminToken } from '@fit/service-kit/admin-token';
import { AdminApi } from './admin-api.ts';
import { Child } from './child.ts';
import { logInPeople, logInTester } from './people.ts';
import { startRedis } from './redis.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';

export type StackOptions = {
  /** 0: one edge, which keeps its state in a file. Otherwise so many on one Redis. */
  edgesOnRedis: number;
  /** Each with an account and a token. */
  people: number;
  /** What the old generator costs: `600-1200`. */
  legacyCostMs: string;
  /** Who waits longer was served slowly. A coach that turned slow takes half as long again. */
  objectiveMs: number;
};

/** An edge in a process of its own. */
export type Edge = { readonly id: string; readonly process: Child };

export type Stack = AsyncDisposable & {
  monolith: Child;
  /** The coach's new release, which stands before the real coach. */
  release: Child;
  edges: readonly Edge[];
  webhook: WebhookReceiver;
  api: AdminApi;
  tokens: readonly string[];
  testerToken: string;
};

const COMPARATOR = join(import.meta.dirname, '..', 'edge-proxy', 'comparators', 'workout.ts');

/** The whole system on free ports of this machine, in a folder that is removed with it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ramp-scene-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const child = async (script: string, env: Record<string, string>) => {
    const running = await Child.start({ script, env });
    started.defer(() => running.stop());
    return running;
  };
  const secret = randomBytes(24).toString('hex');
  const webhook = started.use(await startWebhookReceiver(secret));
  const [monolith, redis] = await Promise.all([
    child('legacy-monolith/src/main.ts', monolithEnv(folder, options)),
    options.edgesOnRedis > 0 ? startRedis(folder).then((redis) => started.use(redis)) : undefined,
  ]);
  const patience = String(options.objectiveMs * 2);
  const coach = await child('coach-service/src/main.ts', { LEGACY_URL: monolith.url, LEGACY_TIMEOUT_MS: patience });
  const slowMs = String(options.objectiveMs * 1.5);
  const release = await child('demo/turning-coach.ts', { COACH_URL: coach.url, SLOW_MS: slowMs });
  const urls = { legacy: monolith.url, coach: release.url };
  const shared = await edgeEnv({ folder, urls, objectiveMs: options.objectiveMs, redisUrl: redis?.url });
  const hook = { WEBHOOK_URL: webhook.url, WEBHOOK_SECRET: secret };
  const edge = async (at: number): Promise<Edge> => {
    const id = `edge-${at + 1}`;
    const env = { ...shared.env, ...hook, EDGE_ID: id, DATA_DIR: join(folder, id) };
    return { id, process: await child('edge-proxy/src/main.ts', env) };
  };
  const [edges, tokens, testerToken] = await Promise.all([
    Promise.all(Array.from({ length: options.edgesOnRedis || 1 }, (_, at) => edge(at))),
    logInPeople(monolith.url, options.people),
    logInTester(monolith.url),
  ]);
  const running = started.move();
  return {
    monolith,
    release,
    edges,
    webhook,
    api: shared.api,
    tokens,
    testerToken,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function monolithEnv(folder: string, { people, legacyCostMs }: StackOptions): Record<string, string> {
  return {
    DATA_DIR: join(folder, 'legacy-monolith'),
    SEED_DEMO: '1',
    SEED_DEMO_PEOPLE: String(people),
    LEGACY_WOD_COST_MS: legacyCostMs,
  };
}

type EdgeSettings = {
  folder: string;
  urls: { legacy: string; coach: string };
  objectiveMs: number;
  redisUrl: string | undefined;
};

async function edgeEnv({ folder, urls, objectiveMs, redisUrl }: EdgeSettings) {
  // A busy machine is no fault of a side: only who is slow on purpose is.
  const patient = { firstByteTimeoutMs: objectiveMs * 3, connectTimeoutMs: objectiveMs * 3 };
  const file = join(folder, 'edge.json');
  const route = {
    name: 'wod',
    path: '/fitness/wod',
    old: 'legacy',
    new: 'coach',
    objectiveMs,
    compare: { module: COMPARATOR, checkPercent: 100 },
  };
  await writeFile(
    file,
    JSON.stringify({
      upstreams: { legacy: { url: urls.legacy }, coach: { url: urls.coach, ...patient } },
      defaultUpstream: 'legacy',
      routes: [route],
    }),
  );
  const tokenFile = join(folder, 'admin-token');
  const env = {
    LEGACY_URL: urls.legacy,
    COACH_URL: urls.coach,
    EDGE_CONFIG: file,
    ADMIN_PORT: '0',
    ADMIN_TOKEN_FILE: tokenFile,
    DRAIN_DELAY_MS: '0',
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  return { env, api: new AdminApi(ensureAdminToken(tokenFile)) };
}
