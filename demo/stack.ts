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
  /** Who waits longer was served slowly. A coach that turned slow takes half a second more. */
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

type Start = (script: string, env: Record<string, string>) => Promise<Child>;

/** The whole system on free ports of this machine, in a folder that is removed with it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ramp-scene-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const start: Start = async (script, env) => {
    const child = await Child.start({ script, env });
    started.defer(() => child.stop());
    return child;
  };
  const secret = randomBytes(24).toString('hex');
  const webhook = started.use(await startWebhookReceiver(secret));
  const redis = options.edgesOnRedis > 0 ? started.use(await startRedis(folder)) : undefined;
  const monolith = await start('legacy-monolith/src/main.ts', monolithEnv(folder, options));
  const tokenFile = join(folder, 'admin-token');
  const api = new AdminApi(ensureAdminToken(tokenFile));
  const toldOf = { WEBHOOK_URL: webhook.url, WEBHOOK_SECRET: secret };
  const stored = redis ? { REDIS_URL: redis.url } : {};
  const env = { ...toldOf, ...stored, ADMIN_PORT: '0', ADMIN_TOKEN_FILE: tokenFile, DRAIN_DELAY_MS: '0' };
  const [newSide, tokens, testerToken] = await Promise.all([
    startNewSide(start, { folder, monolith, options, env }),
    logInPeople(monolith.url, options.people),
    logInTester(monolith.url),
  ]);
  const running = started.move();
  const disposing = { [Symbol.asyncDispose]: () => running.disposeAsync() };
  return { monolith, ...newSide, webhook, api, tokens, testerToken, ...disposing };
}

type NewSide = { folder: string; monolith: Child; options: StackOptions; env: Record<string, string> };

/** The coach, its new release before it, and the edges before that. */
async function startNewSide(
  start: Start,
  { folder, monolith, options, env }: NewSide,
): Promise<Pick<Stack, 'release' | 'edges'>> {
  const { objectiveMs } = options;
  const coach = await start('coach-service/src/main.ts', {
    LEGACY_URL: monolith.url,
    LEGACY_TIMEOUT_MS: String(objectiveMs),
  });
  const release = await start('demo/turning-coach.ts', { COACH_URL: coach.url, SLOW_MS: String(objectiveMs + 500) });
  const urls = { LEGACY_URL: monolith.url, COACH_URL: release.url };
  const routeFile = join(folder, 'edge.json');
  await writeFile(routeFile, routeFileText(objectiveMs));
  const edge = async (at: number): Promise<Edge> => {
    const id = `edge-${at + 1}`;
    const own = { EDGE_ID: id, DATA_DIR: join(folder, id), EDGE_CONFIG: routeFile };
    return { id, process: await start('edge-proxy/src/main.ts', { ...env, ...urls, ...own }) };
  };
  const edges = await Promise.all(Array.from({ length: options.edgesOnRedis || 1 }, (_, at) => edge(at)));
  return { release, edges };
}

function monolithEnv(folder: string, { people, legacyCostMs }: StackOptions): Record<string, string> {
  return {
    DATA_DIR: join(folder, 'legacy-monolith'),
    SEED_DEMO: '1',
    SEED_DEMO_PEOPLE: String(people),
    LEGACY_WOD_COST_MS: legacyCostMs,
  };
}

function routeFileText(objectiveMs: number): string {
  // A busy machine is no fault of a side: only who is slow on purpose is.
  const patient = { firstByteTimeoutMs: objectiveMs * 3, connectTimeoutMs: objectiveMs * 3 };
  const deadlineMs = objectiveMs * 6;
  const route = {
    name: 'wod',
    path: '/fitness/wod',
    old: 'legacy',
    new: 'coach',
    objectiveMs,
    deadlineMs,
    compare: { module: COMPARATOR, checkPercent: 100 },
  };
  return JSON.stringify({
    upstreams: { legacy: { url: '${LEGACY_URL}', ...patient }, coach: { url: '${COACH_URL}', ...patient } },
    defaultUpstream: 'legacy',
    routes: [route],
  });
}
