import { ADMIN_ROLES } from '@fit/contracts/auth';
import { authenticate, requireRole } from '@fit/service-kit/authenticate';
import type { AuthenticateOptions } from '@fit/service-kit/authenticate';
import { jsonBody } from '@fit/service-kit/json-body';
import { addRoute, createServiceApp } from '@fit/service-kit/service-app';
import type { ServiceAppOptions } from '@fit/service-kit/service-app';
import type { Express } from 'express';
import { logRefusals } from './admin-log.ts';
import { createRouteHandlers } from './route-handlers.ts';
import type { RouteHandlerOptions } from './route-handlers.ts';

export type AdminAppOptions = Pick<ServiceAppOptions, 'registry' | 'readiness' | 'dependencies'> &
  RouteHandlerOptions & {
    /** How tokens are verified; their audience is always `edge-admin`. */
    auth: Omit<AuthenticateOptions, 'audience'>;
  };

const BASE = '/admin/v1';
const MAX_BODY_BYTES = 16_384;

/** The edge's admin listener: the admin API, and health, readiness and metrics of the edge. */
export function createAdminApp(options: AdminAppOptions): Express {
  const { registry, readiness, dependencies, logger } = options;
  return createServiceApp({
    service: 'edge-proxy',
    logger,
    registry,
    readiness,
    ...(dependencies && { dependencies }),
    routes: (app) => addAdminRoutes(app, options),
  });
}

function addAdminRoutes(app: Express, options: AdminAppOptions): void {
  const authenticated = authenticate({ ...options.auth, audience: 'edge-admin' });
  const readers = [...authenticated, requireRole(...ADMIN_ROLES)];
  const writers = [...authenticated, requireRole('operator', 'admin'), ...jsonBody(MAX_BODY_BYTES)];
  const { routing, list, get, putWeight, postRollback } = createRouteHandlers(options);

  app.use(BASE, (_req, res, next) => {
    res.set('cache-control', 'no-store');
    next();
  });
  addRoute(app, `${BASE}/routing`, { GET: [...readers, routing] });
  addRoute(app, `${BASE}/routes`, { GET: [...readers, list] });
  addRoute(app, `${BASE}/routes/:route`, { GET: [...readers, get] });
  addRoute(app, `${BASE}/routes/:route/weight`, { PUT: [...writers, putWeight] });
  addRoute(app, `${BASE}/routes/:route/rollback`, { POST: [...writers, postRollback] });
  app.use(BASE, logRefusals(options.logger));
}
