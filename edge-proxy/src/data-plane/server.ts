import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen } from '@fit/service-kit/http-server';
import type { ListeningServer } from '@fit/service-kit/http-server';
import { ProblemError } from '@fit/service-kit/problem';
import { answerOnSocket, refuseGarbage } from '@fit/service-kit/raw-answer';
import type { Readiness } from '@fit/service-kit/readiness';
import { connectionOf, knownConnection } from './client-connection.ts';
import type { TrustedProxies } from '../domain/client-address.ts';
import type { ClientLimits } from './client-limits.ts';
import { ClientResponse } from './client-response.ts';
import { EDGE, methodNotAllowed } from './own-answer.ts';
import type { Pipeline } from './pipeline.ts';
import { beforeQuery } from './request-head.ts';
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
  const take = (req: IncomingMessage, res: ClientResponse) => {
    if (!enter(req, res, readiness)) return;
    if (!answerOwn(req, res, readiness)) pipeline.take(req, res);
  };
  const listening = await listen<typeof ClientResponse>(take, {
    host,
    port,
    server: { ...serverOptions(limits), shouldUpgradeCallback: upgrades.accepts },
    isServing: (socket) => knownConnection(socket).answers.length > 0,
    drainDelayMs,
  });
  const { server } = listening;
  applyLimits(server, limits);
  server.on('connection', (socket: Socket) => {
    connectionOf(socket, trusted);
    socket.on('end', onEnd);
  });
  server.on('clientError', onGarbage);
  server.on('checkContinue', (req: IncomingMessage, res: ClientResponse) => {
    res.awaitsContinue = true;
    if (req.headers.expect?.toLowerCase() === '100-continue') take(req, res);
    else if (enter(req, res, readiness)) pipeline.refuse(req, res, expectationFailed(req));
  });
  server.on('checkExpectation', (req: IncomingMessage, res: ClientResponse) => {
    if (enter(req, res, readiness)) pipeline.refuse(req, res, expectationFailed(req));
  });
  server.on('upgrade', upgrades.handle);
  server.on('connect', (req, socket) => answerOnSocket(socket, methodNotAllowed('CONNECT'), req, EDGE));
  return {
    ...listening,
    close: async () => {
      upgrades.close();
      await listening.close();
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
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headerTimeoutMs),
  };
}

function applyLimits(server: Server, limits: ClientLimits): void {
  server.maxRequestsPerSocket = limits.maxRequestsPerConnection;
  server.maxConnections = limits.maxConnections;
  // Node would leave out what is over its limit, and nobody would know; the pipeline counts and refuses.
  server.maxHeadersCount = 0;
  // A client may end its sending and still wait for its answer; as old as Node, and in no list of its options.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
}

/** @returns false for what comes on a connection that is to end, or has ended */
function enter(req: IncomingMessage, res: ClientResponse, readiness: Readiness): boolean {
  const connection = knownConnection(req.socket);
  // A peer without an address had gone before it was accepted.
  if (connection.isEnding || connection.peer === '' || req.socket.destroyed) return false;
  connection.answers.push(res);
  connection.latest = req;
  // llhttp lets keep-alive win there (RFC 9112, section 9.3: close does).
  if (req.httpVersion === '1.0' && /\bclose\b/i.test(req.headers.connection ?? '')) connection.isEnding = true;
  res.client = connection;
  res.readiness = readiness;
  res.on('close', onClose);
  return true;
}

function onEnd(this: Socket): void {
  knownConnection(this).answers[0]?.exchange?.halfClosed();
}

const refuse = refuseGarbage(EDGE);

/**
 * Bytes that are no HTTP, or a request that did not come in time. Those before it get their answers, and with the last of
 * them the connection ends; only where nobody waits is there an answer of ours, which would be taken for theirs.
 */
function onGarbage(error: Error & { code?: string }, socket: Duplex): void {
  const { answers, latest, isEnding } = knownConnection(socket as Socket);
  const last = answers.at(-1);
  if (!latest || latest.complete) return last ? last.beLast() : refuse(error, socket);
  // The request itself is broken.
  if (last?.req !== latest) return void socket.destroy();
  last.exchange?.garbled();
  const before = answers.at(-2);
  if (before) before.beLast();
  else if (isEnding || last.headersSent) socket.destroy();
  else refuse(error, socket, { isHead: latest.method === 'HEAD' });
}

function onClose(this: ClientResponse): void {
  const client = this.client!;
  client.answers.splice(client.answers.indexOf(this), 1);
  // An idle connection holds on to nothing.
  if (client.latest?.complete) client.latest = undefined;
  this.exchange?.closed();
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
