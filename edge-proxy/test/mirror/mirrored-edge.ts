import { createLogger } from '@fit/service-kit/logger';
import { createRegistry } from '@fit/service-kit/metrics';
import { Readiness } from '@fit/service-kit/readiness';
import type { Registry } from 'prom-client';
import { readEnv } from '../../src/config/env.ts';
import { parseRouteFile } from '../../src/config/route-file.ts';
import type { FollowedRequest } from '../../src/data-plane/follower.ts';
import { Pipeline } from '../../src/data-plane/pipeline.ts';
import { RoutingHolder, createRouting } from '../../src/data-plane/routing.ts';
import { SeenUsersByRoute } from '../../src/data-plane/seen-users-by-route.ts';
import { listenForClients } from '../../src/data-plane/server.ts';
import { createUpgrades } from '../../src/data-plane/upgrade.ts';
import { Upstream } from '../../src/data-plane/upstream.ts';
import { Upstreams } from '../../src/data-plane/upstreams.ts';
import { initialState } from '../../src/domain/route-state.ts';
import type { RouteState } from '../../src/domain/route-state.ts';
import { NOBODY, revision, weightFromPercent } from '../../src/domain/weight.ts';
import type { Comparators } from '../../src/parity/load-comparators.ts';
import { loadComparators } from '../../src/parity/load-comparators.ts';
import { createMirrorTelemetry } from '../../src/parity/mirror-telemetry.ts';
import { Parity } from '../../src/parity/parity.ts';
import { SnapshotHolder } from '../../src/snapshot.ts';

export type MirroredEdgeOptions = {
  /** URLs of both sides. */
  old: string;
  new: string;
  /** Members of the route in the route file. */
  route?: object;
  /** In place of those that the route file names. */
  comparators?: Comparators;
};

/** A real data plane with its mirror, and no control plane: weight and share are set by hand. */
export type MirroredEdge = AsyncDisposable & {
  readonly url: string;
  readonly parity: Parity;
  readonly registry: Registry;
  /** What the gate was told: each answer that was looked at, and whether it breaks a rule. */
  readonly judged: readonly { request: FollowedRequest; isBroken: boolean }[];
  readonly upstreams: Upstreams;
  /** Both in percent; mirroring begins anew. */
  set(weight: number, mirrorShare: number): void;
  /** What was found since mirroring began last. */
  report(): ReturnType<Parity['reportOf']>;
  /** As after a reload that changed the upstreams. */
  reload(sides: { old: string; new: string }): void;
};

export async function startMirroredEdge(options: MirroredEdgeOptions): Promise<MirroredEdge> {
  const logger = createLogger('edge-proxy', 'silent');
  const registry = createRegistry('edge-proxy');
  const file = routeFileOf(options, options.route);
  const comparators = options.comparators ?? (await loadComparators(import.meta.filename, file.routes));
  const judged: { request: FollowedRequest; isBroken: boolean }[] = [];
  const parity = new Parity({
    telemetry: createMirrorTelemetry(registry),
    logger,
    invalid: (request, isBroken) => judged.push({ request, isBroken }),
  });
  const upstreams = new Upstreams((name, config) => new Upstream({ name, ...config }));
  const users = new SeenUsersByRoute();
  upstreams.configure(file.upstreams);
  parity.configure({ routes: file.routes, comparators, upstreams: upstreams.all.values() });
  const routing = new RoutingHolder(createRouting(file, { upstreams: upstreams.all, usersOf: users.of }));
  const holder = new SnapshotHolder();
  let state: RouteState = initialState('wod', NOBODY, new Date());
  const listening = await listen({ routing, holder, follower: parity });
  return {
    url: listening.url,
    parity,
    registry,
    judged,
    upstreams,
    set: (weight, mirrorShare) => {
      const next = revision(state.revision + 1);
      const shares = { weight: weightFromPercent(weight), mirrorShare: weightFromPercent(mirrorShare) };
      state = { ...state, ...shares, revision: next, mirrorEpoch: next };
      holder.swap(new Map([['wod', state]]));
    },
    report: () => parity.reportOf('wod', state.mirrorEpoch),
    reload: (sides) => {
      const next = routeFileOf(sides, options.route);
      upstreams.configure(next.upstreams);
      parity.configure({ routes: next.routes, comparators, upstreams: upstreams.all.values() });
      routing.current = createRouting(next, { upstreams: upstreams.all, usersOf: users.of });
    },
    [Symbol.asyncDispose]: async () => {
      await listening.close();
      await parity.close();
      await upstreams.close();
    },
  };
}

function routeFileOf(sides: { old: string; new: string }, route: object = {}) {
  const text = JSON.stringify({
    upstreams: { legacy: { url: sides.old }, coach: { url: sides.new } },
    defaultUpstream: 'legacy',
    routes: [{ name: 'wod', path: '/fitness/wod', old: 'legacy', new: 'coach', ...route }],
  });
  return parseRouteFile('edge.config.json', text, {});
}

async function listen(parts: { routing: RoutingHolder; holder: SnapshotHolder; follower: Parity }) {
  const { limits, TRUSTED_PROXIES: trusted } = readEnv({
    DATA_DIR: '/nowhere',
    JWKS_URL: 'http://127.0.0.1:9/jwks.json',
  });
  const logger = createLogger('edge-proxy', 'silent');
  const keys = { find: () => Promise.resolve({ kind: 'unavailable' as const }) };
  const testers = { keys, audience: 'fit' as const };
  const [record, called] = [() => undefined, () => undefined];
  const pipeline = new Pipeline({ ...parts, trusted, limits, testers, record, called });
  const readiness = new Readiness();
  readiness.markReady();
  const upgrades = createUpgrades({ routing: parts.routing, heads: { trusted, ...limits }, logger, record });
  const server = { host: '127.0.0.1', port: 0, drainDelayMs: 0 };
  return await listenForClients({ ...server, trusted, limits, pipeline, upgrades, readiness });
}
