import type { IncomingMessage, RequestListener, ServerOptions } from 'node:http';
import { listen } from '@fit/service-kit/http-server';
import type { ListeningServer } from '@fit/service-kit/http-server';
import { answerOnSocket } from '@fit/service-kit/raw-answer';
import type { Readiness } from '@fit/service-kit/readiness';
import { EDGE, methodNotAllowed } from './own-answer.ts';
import type { Pipeline } from './pipeline.ts';
import type { Upgrades } from './upgrade.ts';

/** What one client may take: bytes of a head, and time for a head and for a whole request. */
const LIMITS: ServerOptions = {
  insecureHTTPParser: false,
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
};

export type EdgeServerOptions = {
  host: string;
  port: number;
  pipeline: Pipeline;
  upgrades: Upgrades;
  readiness: Readiness;
};

/** The public listener: health for those who probe it, upgrades, and the pipeline for everything else. */
export async function listenForClients(options: EdgeServerOptions): Promise<ListeningServer> {
  const { host, port, pipeline, upgrades, readiness } = options;
  const listener: RequestListener = (req, res) => {
    if (readiness.state === 'draining') res.setHeader('connection', 'close');
    const own = ownAnswer(req, readiness);
    if (!own) return pipeline(req, res);
    res.writeHead(own.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    res.end(JSON.stringify(own.body));
  };
  const listening = await listen(listener, {
    host,
    port,
    server: { ...LIMITS, shouldUpgradeCallback: upgrades.accepts },
    answersAs: EDGE,
  });
  listening.server.on('upgrade', upgrades.handle);
  listening.server.on('connect', (req, socket) => answerOnSocket(socket, methodNotAllowed('CONNECT'), req, EDGE));
  return {
    ...listening,
    close: async () => {
      upgrades.close();
      await listening.close();
    },
  };
}

/** `/health` and `/ready` are the edge's own on its public port too: those before it probe the port that they use. */
function ownAnswer({ method, url }: IncomingMessage, readiness: Readiness) {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const path = url?.split('?', 1)[0];
  if (path === '/health')
    return { status: 200, body: { status: 'up', service: 'edge-proxy', readiness: readiness.state } };
  if (path === '/ready') return { status: readiness.state === 'ready' ? 200 : 503, body: { status: readiness.state } };
  return undefined;
}
