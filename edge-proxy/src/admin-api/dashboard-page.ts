import { sep } from 'node:path';
import { nameRoute } from '@fit/service-kit/request-record';
import { addRoute } from '@fit/service-kit/service-app';
import express from 'express';
import type { Express, Response } from 'express';

const PAGE = 'index.html';
/** Vite names what is in here after its content. */
const HASHED = `${sep}assets${sep}`;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<title>Dashboard not built</title>
<h1>The dashboard has not been built yet</h1>
<p>Run <code>npm run build</code> in the project and load this page again. The admin API and <code>npx edgectl</code> work without it.</p>
</html>
`;

/** The dashboard at `/`, out of the folder that `npm run build` writes; until then a page that says so. */
export function addDashboardPage(app: Express, folder: string): void {
  addRoute(app, '/', {
    GET: [
      (_req, res, next) =>
        res.sendFile(PAGE, { root: folder, cacheControl: false, headers: { 'cache-control': 'no-cache' } }, (error) => {
          if (!error) return;
          if (res.headersSent || (error as NodeJS.ErrnoException).code !== 'ENOENT') return next(error);
          sayNotBuilt(res);
        }),
    ],
  });
  app.use(express.static(folder, { index: false, redirect: false, setHeaders: prepareFile }));
}

/** Of all its files, in metrics and in the log. */
const FILES = 'dashboard files';

function prepareFile(res: Response, path: string): void {
  nameRoute(res.locals, FILES);
  res.set('cache-control', path.includes(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache');
}

function sayNotBuilt(res: Response): void {
  res.status(503).set({ 'cache-control': 'no-store', 'retry-after': '10' }).type('html').send(NOT_BUILT);
}
