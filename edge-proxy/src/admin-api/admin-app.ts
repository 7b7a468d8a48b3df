import { createRequestRecorder } from '@fit/service-kit/request-record';
import { createServiceApp } from '@fit/service-kit/service-app';
import type { ServiceAppOptions } from '@fit/service-kit/service-app';
import type { Express } from 'express';
import type { RouteControl } from '../control-plane/route-control.ts';
import { logRefusals } from './admin-log.ts';
import { authenticateOperator } from './authenticate-operator.ts';
import type { OperatorAuth } from './authenticate-operator.ts';
import { BROWSER_HEADERS, requireKnownHost, requireSameOrigin, requireSameSite } from './browser-guard.ts';
import { addDashboardPage } from './dashboard-page.ts';
import { createEdgeHandlers } from './edge-handlers.ts';
import { limitFailedLogins } from './failed-logins.ts';
import { createMigrationHandlers } from './migration-handlers.ts';
import { BASE } from './openapi.ts';
import { addOperations } from './operation-routes.ts';
import { createRouteHandlers } from './route-handlers.ts';
import { RouteViews } from './route-view.ts';

export type AdminAppOptions = Pick<
  ServiceAppOptions,
  'logger' | 'registry' | 'metricsToken' | 'readiness' | 'dependencies'
> & {
  control: RouteControl;
  /** How tokens are verified; those of the monolith are always for `edge-admin`. */
  auth: OperatorAuth;
  /** The address that is listened on (`ADMIN_HOST`), and other names that it may be called by (`ADMIN_HOSTS`). */
  host: string;
  hostNames: readonly string[];
  /** The built dashboard. */
  pageFolder: string;
  /** Default: the system's clock. */
  now?: () => Date;
};

/** The edge's admin listener: the dashboard, the admin API, and health, readiness and metrics of the edge. */
export function createAdminApp(options: AdminAppOptions): Express {
  const { registry, readiness, dependencies, logger, metricsToken } = options;
  return createServiceApp({
    service: 'edge-proxy',
    headers: BROWSER_HEADERS,
    logger,
    registry,
    // Beside the lines of the public listener.
    record: createRequestRecorder(registry, logger.child({ listener: 'admin' })),
    metricsToken,
    readiness,
    ...(dependencies && { dependencies }),
    routes: (app) => {
      app.use(requireKnownHost(options.host, options.hostNames), requireSameOrigin);
      addApi(app, options);
      addDashboardPage(app, options.pageFolder);
    },
  });
}

function addApi(app: Express, { control, auth, readiness, logger, now = () => new Date() }: AdminAppOptions): void {
  const views = new RouteViews({ control, now });
  app.use(BASE, requireSameSite, (_req, res, next) => {
    res.set('cache-control', 'no-store');
    next();
  });
  addOperations(app, {
    handlers: {
      ...createRouteHandlers({ control, views, logger }),
      ...createMigrationHandlers({ control, views, logger }),
      ...createEdgeHandlers({ control, views, draining: readiness.draining }),
    },
    authenticated: authenticateOperator(auth),
    routing: () => control.routing(),
  });
  app.use(BASE, limitFailedLogins(), logRefusals(logger));
}
