import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID } from '@fit/contracts/headers';
import { requestIdOf } from '@fit/service-kit/correlation';
import { listen } from '@fit/service-kit/http-server';
import type { ListeningServer } from '@fit/service-kit/http-server';
import { ProblemError } from '@fit/service-kit/problem';
import type { Readiness } from '@fit/service-kit/readiness';
import { clientEnded, connectCame, connectionState, enter, garbageCame } from './arrival.ts';
import { connectionOf } from './client-connection.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import type { ClientLimits } from './client-limits.ts';
import { ClientResponse } from './client-response.ts';
import type { Pipeline } from './pipeline.ts';
import { beforeQuery } from './request-head.ts';
import { cutOffSlowReaders } from './slow-readers.ts';
import type { Upgrades } from './upgrade.ts';

export type EdgeServerOptions = {
  host: string;
  port: number;
  trusted: TrustedProxies;
  limits: ClientLimits;
  /** After it was told to stop it goes on listening for so long, so that those before it notice. */
  drainDelayMs: number;
  pipeline: Pipeline;
  upgrades: Upgrades;
  readiness: Readiness;
};

/** The public listener: health for those who probe it, upgrades, and the pipeline for everything else. */
export async function listenForClients(options: EdgeServerOptions): Promise<ListeningServer> {
  const { host, port, trusted, limits, drainDelayMs, pipeline, upgrades, readiness } = options;
  const arrival = { readiness, maxRequests: limits.maxRequestsPerConnection };
  const take = (req: IncomingMessage, res: ClientResponse) => {
    if (!enter(req, res, arrival)) return;
    if (!answerOwn(req, res, readiness)) pipeline.take(req, res);
  };
  const listening = await listen<typeof ClientResponse>(take, {
    host,
    port,
    server: { ...serverOptions(limits), shouldUpgradeCallback: upgrades.accepts },
    stateOf: connectionState,
    drainDelayMs,
  });
  const { server, connections } = listening;
  const stopCuttingOff = cutOffSlowReaders(connections, limits.sendTimeoutMs);
  applyLimits(server, limits);
  server.on('connection', (socket: Socket) => {
    connectionOf(socket, trusted);
    socket.on('end', clientEnded);
  });
  server.on('clientError', garbageCame);
  server.on('checkContinue', (req: IncomingMessage, res: ClientResponse) => {
    res.awaitsContinue = true;
    if (req.headers.expect?.toLowerCase() === '100-continue') take(req, res);
    else if (enter(req, res, arrival)) pipeline.refuse(req, res, expectationFailed(req));
  });
  server.on('checkExpectation', (req: IncomingMessage, res: ClientResponse) => {
    if (enter(req, res, arrival)) pipeline.refuse(req, res, expectationFailed(req));
  });
  server.on('upgrade', upgrades.handle);
  server.on('connect', (req: IncomingMessage, socket: Duplex) => {
    req.headers[REQUEST_ID] = requestIdOf(req.headers);
    connectCame(req, socket, ({ status }) => pipeline.note(req, status));
  });
  return {
    ...listening,
    close: async () => {
      upgrades.close();
      await listening.close();
      stopCuttingOff();
    },
  };
}

function serverOptions(limits: ClientLimits): ServerOptions<typeof IncomingMessage, typeof ClientResponse> {
  return {
    ServerResponse: ClientResponse,
    insecureHTTPParser: false,
    // Requests without a body, nearly all, go without the life of a stream.
    optimizeEmptyRequests: true,
    // A request without Host is refused like every other one that is not sound.
    requireHostHeader: false,
    maxHeaderSize: limits.maxHeaderBytes,
    // Node refuses to give a head more time than the request that it is part of.
    headersTimeout: Math.min(limits.headerTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headerTimeoutMs),
  };
}

function applyLimits(server: Server, limits: ClientLimits): void {
  server.maxConnections = limits.maxConnections;
  // Node would leave out what is over its limit, and nobody would know; the pipeline counts and refuses.
  server.maxHeadersCount = 0;
  // A client may end its sending and still wait for its answer; as old as Node, and in no list of its options.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
}

/** `/health` and `/ready` are the edge's own on its public port too: those before it probe the port that they use. */
function answerOwn({ method, url }: IncomingMessage, res: ClientResponse, { state }: Readiness): boolean {
  if (url?.charCodeAt(1) !== H && url?.charCodeAt(1) !== R) return false;
  if (method !== 'GET' && method !== 'HEAD') return false;
  const path = beforeQuery(url);
  if (path === '/health') answerJson(res, 200, { status: 'up', service: 'edge-proxy', readiness: state });
  else if (path === '/ready') answerJson(res, state === 'ready' ? 200 : 503, { status: state });
  else return false;
  return true;
}

const H = 'h'.charCodeAt(0);
const R = 'r'.charCodeAt(0);

function answerJson(res: ClientResponse, status: number, body: object): void {
  res.begin(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

function expectationFailed({ headers }: IncomingMessage): ProblemError {
  const detail = `Expect: only 100-continue is understood, received ${JSON.stringify(headers.expect)}`;
  return new ProblemError('expectation-failed', detail, { headers: { connection: 'close' } });
}
