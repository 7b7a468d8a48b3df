import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import type { z } from 'zod';
import {
  changedRouteSchema,
  drillSchema,
  loginCodeSchema,
  paritySchema,
  previewSchema,
  replicaListSchema,
  retirementSchema,
  routeListSchema,
  routeViewSchema,
  routingSchema,
  verdictSchema,
} from '../../admin-api/schemas.ts';
import type {
  ChangedRoute,
  Drill,
  ParityView,
  Preview,
  ReplicaList,
  RetirementView,
  RouteView,
  Routing,
  VerdictView,
} from '../../admin-api/schemas.ts';

/** What one edge of many says in moments that are hard to bring about, held against the schemas of the real one. */
export type Canned = {
  routes?: RouteView[];
  changed?: ChangedRoute;
  preview?: Preview;
  replicas?: ReplicaList;
  routing?: Routing;
  verdict?: VerdictView;
  parity?: ParityView;
  retirement?: RetirementView;
  drill?: Drill;
};

export const WOD: RouteView = {
  route: 'wod',
  path: '/fitness/wod',
  phase: 'canary',
  weight: 10,
  revision: 3,
  mirror_share: 0,
  retired: false,
  ramp: null,
  changed_by: 'ops@fit.example',
  changed_at: '2026-03-01T03:00:00.000Z',
  reason: 'first step',
  sides: { old: 'legacy', new: 'coach' },
  stored: true,
  acknowledged: { serving: 3, replicas: 3 },
  observed: { share: 9.87, requests: { old: 900, new: 100 }, window_seconds: 10 },
  health: {
    old: { upstream: 'legacy', state: 'healthy', failing_on: 0, in_flight: 4 },
    new: { upstream: 'coach', state: 'failing', failing_on: 1, in_flight: 0 },
  },
  sentence: '10 % of users are on coach since 03:00 UTC.',
};

export const STORE: ReplicaList['store'] = { kind: 'redis', state: 'up', since: '2026-03-01T02:00:00Z' };

/** A server that answers so until it is told otherwise; `canned` may be changed while it runs. */
export async function startCannedEdge(canned: Canned): Promise<Recorder> {
  return await startRecorder(({ method, url }, res) => {
    const path = new URL(url, 'http://edge').pathname.replace('/admin/v1/', '');
    const answer = answersFor(canned)[`${method} ${path}`];
    if (answer === undefined) throw new Error(`Nothing canned for ${method} ${path}`);
    sendJson(res, answer());
  });
}

function answersFor(canned: Canned): Record<string, () => object> {
  const { routes, changed, replicas = NO_REPLICAS } = canned;
  const orders = ORDERS.map((verb) => [`POST routes/wod/${verb}`, checked(changedRouteSchema, changed)] as const);
  return {
    ...Object.fromEntries(orders),
    'GET routes': checked(routeListSchema, { routes }),
    'GET routes/wod': checked(routeViewSchema, routes?.[0]),
    'GET routes/wod/preview': checked(previewSchema, canned.preview),
    'GET routes/wod/verdict': checked(verdictSchema, canned.verdict),
    'GET routes/wod/parity': checked(paritySchema, canned.parity),
    'GET routes/wod/retirement': checked(retirementSchema, canned.retirement),
    'PUT routes/wod/weight': checked(changedRouteSchema, changed),
    'POST routes/wod/drill': checked(drillSchema, canned.drill),
    'GET replicas': checked(replicaListSchema, replicas),
    'GET routing': checked(routingSchema, canned.routing),
    'POST login-codes': checked(loginCodeSchema, { code: 'a+b', expires_in: 60 }),
  };
}

const ORDERS = ['rollback', 'ramp', 'pause', 'resume', 'promote', 'freeze', 'mirror', 'retire', 'unretire'] as const;
const NO_REPLICAS: ReplicaList = { store: STORE, replicas: [] };

function checked(schema: z.ZodType<object>, value: unknown): () => object {
  return () => schema.parse(value);
}
