import { createPublicKey, randomUUID } from 'node:crypto';
import type { Role } from '@fit/contracts/auth';
import { listen } from '@fit/service-kit/http-server';
import { createLogger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { Readiness } from '@fit/service-kit/readiness';
import { createTokenIssuer, newRsaKey } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { MemoryKeeper } from '../../adapters/memory-keeper.ts';
import { MemoryStore } from '../../adapters/memory-store.ts';
import type { ConfiguredRoute, ConfiguredRouting } from '../../control-plane/configured-route.ts';
import { ControlPlane } from '../../control-plane/control-plane.ts';
import type { ControlPlaneOptions } from '../../control-plane/control-plane.ts';
import type { Observed } from '../../control-plane/observed.ts';
import { rampPlanSchema } from '../../domain/ramp-plan.ts';
import type { RetirementTerms } from '../../domain/retirement.ts';
import { sumOfParity } from '../../domain/sum-parity.ts';
import { noTraffic } from '../../domain/traffic.ts';
import { NOBODY, weightFromPercent } from '../../domain/weight.ts';
import { SnapshotHolder } from '../../snapshot.ts';
import { createAdminApp } from '../admin-app.ts';
import type { AdminAppOptions } from '../admin-app.ts';

const PRIVATE_KEY = newRsaKey();

const RETIRE: RetirementTerms = {
  fullDays: 14,
  unusedDays: 7,
  maxDifferingPercent: 0.1,
  drilledDays: 90,
  directCalls: undefined,
};

export const ROUTES: readonly ConfiguredRoute[] = [
  {
    name: 'wod',
    path: '/fitness/wod',
    sides: { old: 'legacy', new: 'coach' },
    key: { from: 'claim', name: 'sub' },
    initialWeight: NOBODY,
    digest: 'as-configured',
    objectiveMs: 5000,
    ramp: rampPlanSchema.parse({ steps: '10 % for 10 m, 50 %, 100 %' }),
    retire: RETIRE,
  },
  {
    name: 'history',
    path: '/fitness/history',
    sides: { old: 'legacy', new: 'diary' },
    key: { from: 'cookie', name: 'sid' },
    initialWeight: weightFromPercent(5),
    digest: 'as-configured',
    objectiveMs: 5000,
    retire: RETIRE,
  },
];

const ROUTING: ConfiguredRouting = {
  routes: ROUTES,
  upstreams: ['legacy', 'coach', 'diary'].map((name, at) => ({ name, url: `http://127.0.0.1:${3000 + at}` })),
  defaultUpstream: 'legacy',
  internalPaths: ['/metrics'],
};

export const LOCAL_TOKEN = `fit_admin_${'A-b_9'.repeat(8)}xyz`;

/** Making a key takes longer than a whole test. */
const issuer = adminIssuer();

/** A real admin listener on a port of its own, before a real control plane with a store in memory. */
export type AdminServer = AsyncDisposable & {
  url: string;
  store: MemoryStore;
  holder: SnapshotHolder;
  plane: ControlPlane;
  readiness: Readiness;
  /** What the data plane would see; replaced by tests, and reported at the next `plane.round()`. */
  observed: { -readonly [Name in keyof Observed]: Observed[Name] };
  /** A token as the monolith issues it to somebody who operates. */
  tokenFor: (...roles: Role[]) => string;
  /** Makes tokens, by default an administrator's. */
  issuer: TokenIssuer;
  /** Every line that was logged so far. */
  logged: Record<string, unknown>[];
};

export type AdminServerOptions = Partial<Pick<AdminAppOptions, 'host' | 'hostNames' | 'pageFolder' | 'auth'>> & {
  /** Default `edge-1`. */
  id?: string;
  /** Default: one of its own. */
  store?: MemoryStore;
};

/** The clock of its changes stands at 03:00:00 on the first of March 2026, UTC. */
export async function startAdminServer(options: AdminServerOptions = {}): Promise<AdminServer> {
  const { id = 'edge-1', store = new MemoryStore(), ...ofApp } = options;
  const holder = new SnapshotHolder();
  const readiness = new Readiness();
  const logged: AdminServer['logged'] = [];
  const logger = createLogger('edge-proxy', 'info', { write: (line) => keepUnlessRequest(logged, line) });
  const observed = sawNothing();
  const plane = await startPlane({ id, store, holder, observed });
  const app = createAdminApp({
    control: plane.control,
    auth: { keys: keysOf(issuer), localToken: LOCAL_TOKEN },
    host: '127.0.0.1',
    hostNames: [],
    pageFolder: '/nowhere',
    logger,
    registry: createRegistry('edge-proxy'),
    readiness,
    now,
    ...ofApp,
  });
  const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  const tokenFor = (...roles: Role[]) => issuer.issue({ sub: 'ops@fit.example', roles });
  return {
    url,
    store,
    holder,
    plane,
    readiness,
    observed,
    tokenFor,
    issuer,
    logged,
    [Symbol.asyncDispose]: async () => {
      readiness.drain();
      await close();
      await plane.close();
      await store.close();
    },
  };
}

type PlaneOptions = Pick<ControlPlaneOptions, 'holder'> & {
  id: string;
  store: MemoryStore;
  observed: AdminServer['observed'];
};

async function startPlane({ id, store, holder, observed }: PlaneOptions): Promise<ControlPlane> {
  const nothing = () => undefined;
  const options: ControlPlaneOptions = {
    store,
    counts: store.counts,
    notifier: undefined,
    holder,
    keeper: new MemoryKeeper(),
    replica: { id, incarnation: randomUUID(), startedAt: '2026-03-01T02:00:00.000Z' },
    // Looked up at each call, so that a test can replace it.
    observed: {
      trafficOf: (route) => observed.trafficOf(route),
      upstreams: () => observed.upstreams(),
      usersBetween: (route, from, to) => observed.usersBetween(route, from, to),
      evidenceOf: (route) => observed.evidenceOf(route),
      parityOf: (route) => observed.parityOf(route),
      checksContent: (route) => observed.checksContent(route),
      oldSideUseOf: (route) => observed.oldSideUseOf(route),
      countersOf: async (...asked) => await observed.countersOf(...asked),
    },
    events: {
      learned: nothing,
      storeLost: nothing,
      storeBack: nothing,
      otherStore: nothing,
      damaged: nothing,
      repaired: nothing,
      pending: nothing,
      settled: nothing,
      overtaken: nothing,
      clockOff: nothing,
      leads: nothing,
      decided: nothing,
      undecided: nothing,
      notified: nothing,
      rolledBack: nothing,
      drilled: nothing,
      notKept: nothing,
    },
    now,
  };
  const { plane } = await ControlPlane.start(options, ROUTING);
  return plane;
}

function sawNothing(): AdminServer['observed'] {
  return {
    trafficOf: noTraffic,
    upstreams: () => ({}),
    usersBetween: () => ({ seen: 0, moving: 0 }),
    evidenceOf: () => undefined,
    parityOf: () => sumOfParity([]),
    checksContent: () => false,
    oldSideUseOf: () => ({}),
    countersOf: async (_upstream, _path, selectors) => selectors.map(() => undefined),
  };
}

function now(): Date {
  return new Date('2026-03-01T03:00:00Z');
}

function adminIssuer(): TokenIssuer {
  const issuer = createTokenIssuer({ privateKey: PRIVATE_KEY });
  const usual = { aud: 'edge-admin', sub: 'ops@fit.example', roles: ['admin'] };
  return { ...issuer, issue: (claims, header) => issuer.issue({ ...usual, ...claims }, header) };
}

function keysOf({ kid: known, publicKeyPem }: TokenIssuer) {
  const key = createPublicKey(publicKeyPem);
  return {
    find: async (kid: string) => (kid === known ? ({ kind: 'known', key } as const) : ({ kind: 'unknown' } as const)),
  };
}

/** Every request has a line of its own, which is not what tests of the API look for. */
function keepUnlessRequest(logged: AdminServer['logged'], line: string): void {
  const entry = JSON.parse(line) as AdminServer['logged'][number];
  if (entry['msg'] !== 'request') logged.push(entry);
}
