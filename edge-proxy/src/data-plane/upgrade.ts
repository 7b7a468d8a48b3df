import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { REQUEST_ID } from '@fit/contracts/headers';
import { requestIdOf } from '@fit/service-kit/correlation';
import type { Logger } from '@fit/service-kit/logger';
import { ProblemError } from '@fit/service-kit/problem';
import { answerOnSocket, linger } from '@fit/service-kit/raw-answer';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { isKnownCoding } from '../domain/header-names.ts';
import { knownConnection } from './client-connection.ts';
import { faultOf } from './fault.ts';
import type { CallFault } from './fault.ts';
import { EDGE, faultProblem } from './own-answer.ts';
import { PendingUpgrade } from './pending-upgrade.ts';
import { NOT_FORWARDED } from './pipeline.ts';
import type { RequestRecord } from './pipeline.ts';
import { beforeQuery, originForm, readRequestHead, traceOf } from './request-head.ts';
import type { RequestHeadOptions } from './request-head.ts';
import { isForClient } from './response-head.ts';
import type { Routing, RoutingHolder } from './routing.ts';

/** Hop-by-hop elsewhere; here they are the answer. */
const FIELDS_OF_UPGRADES: ReadonlySet<string> = new Set(['connection', 'upgrade', 'transfer-encoding']);

/** An upgrade that the upstream does not answer in this time is given up. */
const UPGRADE_TIMEOUT_MS = 10_000;

export type Upgrades = {
  /** Whether a request's `Upgrade` is passed on; without it the request is an ordinary one (RFC 9110, 7.8). */
  accepts: (req: IncomingMessage) => boolean;
  handle: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Ends the connections that are still open. */
  close: () => void;
};

/**
 * WebSockets of everything that is not migrated, passed to the default upstream by http-proxy-middleware. It never sees a
 * request as the client sent it: the head is read and cleaned as every other one's, then given to it.
 */
export function createUpgrades(options: {
  routing: RoutingHolder;
  heads: RequestHeadOptions;
  logger: Logger;
  /** An upgrade counts when it is answered: how long what it opens lives is no measure of anything. */
  record: (record: RequestRecord) => void;
}): Upgrades {
  const { routing, heads, logger, record } = options;
  const open = new Set<Duplex>();
  const writtenBefore = new WeakMap<Duplex, number>();
  const pending = new WeakMap<Duplex, PendingUpgrade>();
  const proxy = createProxyMiddleware({
    target: routing.current.defaultUpstream.origin.origin,
    router: () => routing.current.defaultUpstream.origin.origin,
    changeOrigin: true,
    upgradeTimeout: UPGRADE_TIMEOUT_MS,
    on: {
      proxyReqWs: (proxyReq, req) => {
        const answered = (answer: IncomingMessage) => {
          clean(answer, requestIdOf(req.headers));
          pending.get(req.socket)?.end('answered', { status: answer.statusCode });
        };
        proxyReq.once('response', answered).once('upgrade', answered);
      },
      error: (error, req, socket) => {
        logger.debug({ err: error }, 'an upgrade failed');
        const upgrade = pending.get(req.socket);
        if (req.socket.destroyed) upgrade?.end('unknown', CLIENT_LEFT);
        else upgrade?.end('no-answer', { status: COULD_NOT_BE_REACHED.status, fault: faultOf(error) });
        // Into an answer that has begun, or an open WebSocket, no text of ours may be written.
        if (req.socket.bytesWritten > (writtenBefore.get(req.socket) ?? 0)) return void req.socket.destroy();
        if ('write' in socket) answerOnSocket(socket as Socket, COULD_NOT_BE_REACHED, req, EDGE);
      },
    },
  });
  return {
    accepts: (req) => isUpgrade(req, routing.current),
    handle: (req, socket, buffered) => {
      // Where the client brings none, the answer and the record are to have the same.
      const requestId = (req.headers[REQUEST_ID] = requestIdOf(req.headers));
      const noted = (how: Partial<RequestRecord>) => record({ ...NOT_UPGRADED, requestId, ...how });
      const refuse = (problem: ProblemError, fault?: CallFault) => {
        answerOnSocket(socket, problem, req, EDGE);
        noted({ status: problem.status, fault });
      };
      const head = readRequestHead(req, heads);
      if (head instanceof ProblemError) return refuse(head);
      const upgrade = PendingUpgrade.begin(routing.current.defaultUpstream, noted);
      if (typeof upgrade === 'string') return refuse(faultProblem(upgrade, {}), upgrade);
      pending.set(socket, upgrade);
      endWithSocket(upgrade, socket);
      open.add(socket);
      writtenBefore.set(socket, req.socket.bytesWritten);
      socket.once('close', () => open.delete(socket));
      req.url = head.target;
      req.headers = { ...joined([...head.headers, ...traceOf(head)]), connection: 'Upgrade', upgrade: 'websocket' };
      proxy.upgrade(req, socket as Socket, buffered);
    },
    close: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

const CLIENT_LEFT = { fault: 'client-left' } as const;
const COULD_NOT_BE_REACHED = new ProblemError('bad-upstream-answer', 'The server behind could not be reached');
const NOT_UPGRADED = { ...NOT_FORWARDED, method: 'GET', status: undefined } as const;

function endWithSocket(upgrade: PendingUpgrade, socket: Duplex): void {
  socket.once('close', () => upgrade.end('unknown', CLIENT_LEFT));
  socket.once('finish', () => linger(socket));
  // Nobody ends his sending and waits for a WebSocket.
  socket.once('end', () => {
    if (!upgrade.isPending) return;
    upgrade.end('unknown', CLIENT_LEFT);
    socket.destroy();
  });
}

function isUpgrade(req: IncomingMessage, routing: Routing): boolean {
  const path = beforeQuery(originForm(req.url ?? '', req.headers.host)?.path ?? '');
  const { upgrade, expect, 'content-length': length = '0', 'transfer-encoding': coding } = req.headers;
  const isPlain = length === '0' && coding === undefined && expect === undefined;
  const isWebSocket = req.method === 'GET' && req.httpVersion === '1.1' && upgrade?.toLowerCase() === 'websocket';
  // The upgrade would overtake answers that are still to be written.
  const isFirst = knownConnection(req.socket).answers.length === 0;
  return isFirst && isWebSocket && isPlain && routing.match(path) === undefined && !routing.isInternal(path);
}

function clean(answer: IncomingMessage, requestId: string): void {
  if (!isKnownCoding(answer.headers['transfer-encoding'])) replaceUnreadable(answer);
  cleanAnswer(answer.headers, requestId);
  // The proxy repeats the version, and frames what it passes on as 1.1 has it.
  answer.httpVersion = '1.1';
}

/** An answer whose body cannot be read is replaced by one without, before the proxy passes it on. */
function replaceUnreadable(answer: IncomingMessage): void {
  delete answer.headers['transfer-encoding'];
  // Nothing is framed where there is no body.
  if (answer.statusCode === 204 || answer.statusCode === 304) return;
  answer.statusCode = 502;
  answer.statusMessage = 'Bad Gateway';
  answer.headers = { 'content-length': '0', connection: 'close' };
  answer.destroy();
}

/** What an upstream's answer to an upgrade may not show a client, as for every other answer. */
function cleanAnswer(headers: IncomingHttpHeaders, requestId: string): void {
  for (const name of Object.keys(headers)) {
    if (!isForClient(name) && !FIELDS_OF_UPGRADES.has(name)) delete headers[name];
  }
  headers[REQUEST_ID] = requestId;
}

/** Repeated fields joined, as RFC 9110, section 5.3 allows for all that may be repeated. */
function joined(headers: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    fields[name] = fields[name] === undefined ? headers[at + 1]! : `${fields[name]}, ${headers[at + 1]!}`;
  }
  return fields;
}
