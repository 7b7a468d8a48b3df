import { setTimeout as delay } from 'node:timers/promises';
import type { KeySource } from '@fit/service-kit/jwks';
import { createLogger } from '@fit/service-kit/logger';
import { Readiness } from '@fit/service-kit/readiness';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Behaviour, Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { createPublicKey } from 'node:crypto';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { readEnv } from '../../src/config/env.ts';
import { AnswerCopy } from '../../src/data-plane/answer-copy.ts';
import type { FollowedRequest } from '../../src/data-plane/follower.ts';
import type { Outcome } from '../../src/data-plane/exchange.ts';
import { Pipeline } from '../../src/data-plane/pipeline.ts';
import { RoutingHolder } from '../../src/data-plane/routing.ts';
import type { Route } from '../../src/data-plane/routing.ts';
import { listenForClients } from '../../src/data-plane/server.ts';
import { createUpgrades } from '../../src/data-plane/upgrade.ts';
import { Upstream } from '../../src/data-plane/upstream.ts';
import { FallbackBudget } from '../../src/domain/fallback-budget.ts';
import { initialState } from '../../src/domain/route-state.ts';
import type { RouteState } from '../../src/domain/route-state.ts';
import { SeenUsers } from '../../src/domain/seen-users.ts';
import { weightFromPercent } from '../../src/domain/weight.ts';
import { EvidenceCollector } from '../../src/evidence/evidence-collector.ts';
import { TokenCheck } from '../../src/evidence/token-check.ts';
import { verifyToken } from '../../src/evidence/verify-token.ts';
import { SnapshotHolder } from '../../src/snapshot.ts';

/** Of a copy's body. */
export const COPY_LIMIT_BYTES = 100_000;
/** Long enough for everything that comes, on a busy machine too. */
const PATIENT = { percent: 100, objectiveMs: 20_000, firstByteTimeoutMs: 10_000 };
const BREAKER = { failures: 1000, percent: 100, minimumCalls: 1000, windowMs: 2000, openMs: 1000, maxOpenMs: 5000 };

const tokens = createTokenIssuer();
const testers = { keys: keysOf(tokens), audience: 'fit' } as const;

export type PlaneSettings = {
  /** Of the people that are on the new side; default 100. */
  percent?: number;
  objectiveMs?: number;
  /** Of the coach. */
  firstByteTimeoutMs?: number;
  /** By which tokens of people are verified; default that of `tokens`. */
  keys?: KeySource;
};

export type Followed = { readonly request: FollowedRequest; readonly outcome: Outcome };
export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };
export type Asking = { method?: Dispatcher.HttpMethod; headers?: Record<string, string>; signal?: AbortSignal };

/** A data plane without a control plane: whoever tests it says what is in force, and sees what those see who follow. */
export type PlaneUnderTest = AsyncDisposable & {
  legacy: Recorder;
  coach: Recorder;
  tokens: TokenIssuer;
  collector: EvidenceCollector;
  /** Requests that ended, in that order. */
  followed: Followed[];
  putInForce: (change: Partial<RouteState>) => void;
  get: (asking?: Asking) => Promise<Answer>;
};

export const answeringAs =
  (name: string): Behaviour =>
  (_request, res) =>
    sendJson(res, { by: name }, { 'x-served-by': name });

export async function startPlane(settings: PlaneSettings = {}): Promise<PlaneUnderTest> {
  const { percent, objectiveMs, firstByteTimeoutMs } = { ...PATIENT, ...settings };
  const [legacy, coach] = [await startRecorder(answeringAs('legacy')), await startRecorder(answeringAs('coach'))];
  const sides = {
    old: upstream('legacy', legacy.url, PATIENT.firstByteTimeoutMs),
    new: upstream('coach', coach.url, firstByteTimeoutMs),
  };
  const holder = new SnapshotHolder();
  const initial = initialState('wod', weightFromPercent(percent), new Date());
  holder.swap(new Map([['wod', initial]]));
  const collector = new EvidenceCollector({
    now: Date.now,
    uptime: () => performance.now(),
    tokens: new TokenCheck({
      verify: (token) => verifyToken(token, { ...testers, keys: settings.keys ?? testers.keys }, Date.now()),
      now: Date.now,
      random: Math.random,
    }),
    stateOf: (route) => holder.current.get(route),
  });
  const followed: Followed[] = [];
  const routing = new RoutingHolder({
    match: (path) => (path === '/fitness/wod' ? route(sides, objectiveMs) : undefined),
    isInternal: () => false,
    defaultUpstream: sides.old,
  });
  const { limits, TRUSTED_PROXIES: trusted } = readEnv({});
  const pipeline = new Pipeline({
    routing,
    holder,
    trusted,
    limits,
    testers,
    record: () => undefined,
    called: () => undefined,
    follower: {
      began: (request) => {
        request.copy = new AnswerCopy(COPY_LIMIT_BYTES);
        collector.began(request);
      },
      ended: (request, outcome) => {
        collector.ended(request, outcome);
        followed.push({ request, outcome });
      },
    },
  });
  const logger = createLogger('edge-proxy', 'silent');
  const listening = await listenForClients({
    host: '127.0.0.1',
    port: 0,
    trusted,
    limits,
    drainDelayMs: 0,
    pipeline,
    upgrades: createUpgrades({ routing, heads: { trusted, ...limits }, logger, record: () => undefined }),
    readiness: new Readiness(),
  });
  const agent = new Agent({ pipelining: 0 });
  return {
    legacy,
    coach,
    tokens,
    collector,
    followed,
    putInForce: (change) => holder.swap(new Map([['wod', { ...holder.current.get('wod')!, ...change }]])),
    get: (asking) => ask(agent, listening.url, asking),
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      await listening.close();
      await Promise.all([sides.old.close(), sides.new.close()]);
      await Promise.all([legacy, coach].map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

/** Resolves once a condition holds; the test's own time limit ends the waiting. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(2);
}

function upstream(name: string, url: string, firstByteTimeoutMs: number): Upstream {
  return new Upstream({
    name,
    url,
    firstByteTimeoutMs,
    bodyIdleTimeoutMs: 10_000,
    connectTimeoutMs: 10_000,
    keepAliveTimeoutMs: 2000,
    maxInFlight: 100,
    breaker: BREAKER,
  });
}

function route(sides: Route['sides'], objectiveMs: number): Route {
  const budget = new FallbackBudget({ percent: 100 });
  return {
    name: 'wod',
    path: '/fitness/wod',
    key: { from: 'claim', name: 'sub' },
    deadlineMs: 20_000,
    objectiveMs,
    sides,
    budget,
    fallback: { upstream: sides.old, budget },
    users: new SeenUsers(1000),
  };
}

function keysOf({ kid, publicKeyPem }: TokenIssuer) {
  const known = { kind: 'known', key: createPublicKey(publicKeyPem) } as const;
  return { find: (asked: string) => Promise.resolve(asked === kid ? known : ({ kind: 'unavailable' } as const)) };
}

async function ask(agent: Agent, origin: string, { method = 'GET', ...asking }: Asking = {}): Promise<Answer> {
  const { statusCode, headers, body } = await agent.request({ origin, path: '/fitness/wod', method, ...asking });
  return { status: statusCode, headers, body: await body.text() };
}
