import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '@fit/service-kit/logger';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { TrustedProxies } from '../domain/client-address.ts';
import { answerOnSocket, badRequest } from './own-answer.ts';
import { readRequestHead } from './request-head.ts';
import type { Routing } from './routing.ts';

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
export function createUpgrades(options: { routing: Routing; trusted: TrustedProxies; logger: Logger }): Upgrades {
  const { routing, trusted, logger } = options;
  const open = new Set<Duplex>();
  const proxy = createProxyMiddleware({
    target: routing.defaultUpstream.origin.origin,
    changeOrigin: true,
    upgradeTimeout: UPGRADE_TIMEOUT_MS,
    on: {
      error: (error, req, socket) => {
        logger.debug({ err: error }, 'an upgrade failed');
        const answer = { type: 'bad-upstream-answer', detail: 'The server behind could not be reached' } as const;
        if ('write' in socket) answerOnSocket(socket as Socket, answer, req);
      },
    },
  });
  return {
    accepts: (req) => {
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      const isWebSocket = req.method === 'GET' && req.headers.upgrade?.toLowerCase() === 'websocket';
      return isWebSocket && routing.match(path) === undefined && !routing.isInternal(path);
    },
    handle: (req, socket, buffered) => {
      const head = readRequestHead(req, trusted);
      if ('problem' in head) return answerOnSocket(socket, badRequest(head.problem), req);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      req.url = head.target;
      req.headers = { ...joined(head.headers), connection: 'Upgrade', upgrade: 'websocket' };
      proxy.upgrade(req, socket as Socket, buffered);
    },
    close: () => {
      for (const socket of open) socket.destroy();
    },
  };
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
