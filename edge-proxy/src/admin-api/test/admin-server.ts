import { createPublicKey } from 'node:crypto';
import type { Role } from '@fit/contracts/auth';
import { listen } from '@fit/service-kit/http-server';
import { createLogger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { Readiness } from '@fit/service-kit/readiness';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import type { TokenIssuer } from '@fit/test-kit/tokens';
import { MemoryStore } from '../../adapters/memory-store.ts';
import { createChangeWeight } from '../../control-plane/change-weight.ts';
import type { ConfiguredRoute, ConfiguredRouting } from '../../control-plane/configured-route.ts';
import { restoreState } from '../../control-plane/restore-state.ts';
import { NOBODY, weightFromPercent } from '../../domain/weight.ts';
import { SnapshotHolder } from '../../snapshot.ts';
import { createAdminApp } from '../admin-app.ts';

export const ROUTES: readonly ConfiguredRoute[] = [
  {
    name: 'wod',
    path: '/fitness/wod',
    sides: { old: 'legacy', new: 'coach' },
    key: { from: 'claim', name: 'sub' },
    initialWeight: NOBODY,
  },
  {
    name: 'history',
    path: '/fitness/history',
    sides: { old: 'legacy', new: 'diary' },
    key: { from: 'cookie', name: 'sid' },
    initialWeight: weightFromPercent(5),
  },
];

const ROUTING: ConfiguredRouting = {
  routes: ROUTES,
  upstreams: ['legacy', 'coach', 'diary'].map((name, at) => ({ name, url: `http://127.0.0.1:${3000 + at}` })),
  defaultUpstream: 'legacy',
  internalPaths: ['/metrics'],
};

/** Making a key takes longer than a whole test. */
const issuer = adminIssuer();

/** A real admin listener on a port of its own, with a store in memory. */
export type AdminServer = AsyncDisposable & {
  url: string;
  store: MemoryStore;
  holder: SnapshotHolder;
  readiness: Readiness;
  /** A token as the monolith issues it to somebody who operates. */
  tokenFor: (...roles: Role[]) => string;
  /** Makes tokens, by default an administrator's. */
  issuer: TokenIssuer;
  /** Every line that was logged so far. */
  logged: Record<string, unknown>[];
};

/** The clock of its changes stands at 03:00:00 on the first of March 2026, UTC. */
export async function startAdminServer(): Promise<AdminServer> {
  const store = new MemoryStore();
  const holder = new SnapshotHolder();
  const readiness = new Readiness();
  const logged: AdminServer['logged'] = [];
  const logger = createLogger('edge-proxy', 'info', { write: (line) => void logged.push(JSON.parse(line)) });
  const now = () => new Date('2026-03-01T03:00:00Z');
  await restoreState({ store, holder, routes: ROUTES, now });
  const app = createAdminApp({
    routing: ROUTING,
    holder,
    changeWeight: createChangeWeight({ store, holder, now }),
    auth: { keys: keysOf(issuer) },
    logger,
    registry: createRegistry('edge-proxy'),
    readiness,
  });
  const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  const tokenFor = (...roles: Role[]) => issuer.issue({ sub: 'ops@fit.example', roles });
  return { url, store, holder, readiness, tokenFor, issuer, logged, [Symbol.asyncDispose]: close };
}

function adminIssuer(): TokenIssuer {
  const issuer = createTokenIssuer();
  const usual = { aud: 'edge-admin', sub: 'ops@fit.example', roles: ['admin'] };
  return { ...issuer, issue: (claims, header) => issuer.issue({ ...usual, ...claims }, header) };
}

function keysOf({ kid: known, publicKeyPem }: TokenIssuer) {
  const key = createPublicKey(publicKeyPem);
  return {
    find: async (kid: string) => (kid === known ? ({ kind: 'known', key } as const) : ({ kind: 'unknown' } as const)),
  };
}
