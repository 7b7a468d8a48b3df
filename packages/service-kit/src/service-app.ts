import { SERVED_BY } from '@fit/contracts/headers';
import express from 'express';
import type { Express, RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import { correlation } from './correlation.ts';
import type { Logger } from './logger.ts';
import { originForm } from './origin-form.ts';
import { ProblemError, notFound, problemHandler } from './problem.ts';
import type { Readiness } from './readiness.ts';
import { traceRequests } from './trace-requests.ts';
import { createRequestRecorder, recordRequests } from './request-record.ts';
import type { RequestRecorder } from './request-record.ts';
import { requireScrapeToken } from './scrape-token.ts';

/** A dependency as `GET /health` shows it. */
export type DependencyState = 'up' | 'down' | 'unknown';

export type ServiceAppOptions = {
  service: string;
  /** The value of `X-Served-By` on every answer; none if absent. */
  servedBy?: 'legacy' | 'coach';
  /** More headers for every answer. */
  headers?: Readonly<Record<string, string>>;
  logger: Logger;
  registry: Registry;
  /** What counts and logs each request; default: one of its own. */
  record?: RequestRecorder;
  /** Whoever scrapes `/metrics` must know it; with none, whoever reaches it may. */
  metricsToken?: string | undefined;
  readiness: Readiness;
  /** Named states, asked at each `GET /health`; they never decide readiness. */
  dependencies?: () => Record<string, DependencyState>;
  /** The OpenAPI document, served at `/openapi.json`. */
  openApi?: unknown;
  /** Adds the service's own routes. */
  routes: (app: Express) => void;
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An Express app with what every service has: request id, metrics, health, problem+json. */
export function createServiceApp(options: ServiceAppOptions): Express {
  const { service, servedBy, headers = {}, registry, readiness, metricsToken } = options;
  const { record = createRequestRecorder(registry, options.logger) } = options;
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  app.use(correlation, ...traceRequests(), recordRequests(record), (_req, res, next) => {
    res.set(headers);
    if (servedBy) res.set(SERVED_BY, servedBy);
    if (readiness.state === 'draining') res.set('connection', 'close');
    next();
  });
  app.use(originForm);
  addRoute(app, '/health', { GET: [health(options)] });
  addRoute(app, '/ready', { GET: [ready(readiness)] });
  addRoute(app, '/metrics', {
    GET: [
      requireScrapeToken(metricsToken),
      async (_req, res) => void res.type(registry.contentType).send(await registry.metrics()),
    ],
  });
  if (options.openApi !== undefined) {
    addRoute(app, '/openapi.json', { GET: [(_req, res) => void res.json(options.openApi)] });
  }
  options.routes(app);
  app.use(notFound, problemHandler(service, options.logger));
  return app;
}

/** Registers handlers by method; every other method gets 405 with `Allow`. */
export function addRoute(app: Express, path: string, handlers: Partial<Record<Method, RequestHandler[]>>): void {
  const route = app.route(path);
  const allow = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  for (const [method, chain] of Object.entries(handlers)) {
    route[method.toLowerCase() as 'get'](...chain);
  }
  route.all((req) => {
    throw new ProblemError('method-not-allowed', `${req.method} is not allowed here`, {
      headers: { allow: allow.join(', ') },
    });
  });
}

function health({ service, dependencies, readiness }: ServiceAppOptions): RequestHandler {
  return (_req, res) => {
    res.set('cache-control', 'no-store');
    res.json({
      status: 'up',
      service,
      readiness: readiness.state,
      uptime_seconds: Math.round(process.uptime()),
      dependencies: dependencies?.() ?? {},
    });
  };
}

function ready(readiness: Readiness): RequestHandler {
  return (_req, res) => {
    if (readiness.state !== 'ready') throw new ProblemError('not-ready', `The service is ${readiness.state}`);
    res.set('cache-control', 'no-store').json({ status: 'ready' });
  };
}
