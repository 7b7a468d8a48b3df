import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { REQUEST_ID, SERVED_BY } from '@fit/contracts/headers';
import { verifyAuthorization } from '@fit/service-kit/authenticate';
import type { Identity } from '@fit/service-kit/authenticate';
import { requestIdOf } from '@fit/service-kit/correlation';
import type { KeySource } from '@fit/service-kit/jwks';
import type { Logger } from '@fit/service-kit/logger';
import { ProblemError } from '@fit/service-kit/problem';
import { answerOnSocket, pathOf } from '@fit/service-kit/raw-answer';
import { UNMATCHED } from '@fit/service-kit/request-record';
import type { RequestRecorder } from '@fit/service-kit/request-record';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { WorkoutFeed } from './workout-feed.ts';

export const LIVE_PATH = '/fitness/live';
/** Close codes: the token expired (ours, after HTTP's 401), the service ends (RFC 6455, 7.4.1). */
export const TOKEN_EXPIRED = 4401;
const GOING_AWAY = 1001;

/** Clients have nothing to say. */
const MAX_PAYLOAD_BYTES = 1024;
/** What a slow reader may leave unread before it is cut off. */
const MAX_UNREAD_BYTES = 65_536;
const MAX_SOCKETS_A_USER = 16;
const HEARTBEAT_MS = 30_000;
/** After this long, one that does not answer the closing handshake is cut off. */
const CLOSE_TIMEOUT_MS = 2000;

export type LiveUpdatesOptions = {
  service: string;
  keys: KeySource;
  feed: WorkoutFeed;
  logger: Logger;
  registry: Registry;
  record: RequestRecorder;
  now: () => Date;
  /** Default 30,000. */
  heartbeatMs?: number;
};

/** `GET /fitness/live`: a caller's newly logged workouts, one JSON text message each. */
export class LiveUpdates {
  readonly #options: LiveUpdatesOptions;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
  });
  readonly #silent = new WeakSet<WebSocket>();
  readonly #heartbeat: NodeJS.Timeout;
  #isDraining = false;

  constructor(options: LiveUpdatesOptions) {
    this.#options = options;
    const clients = this.#sockets.clients;
    this.#sockets.on('headers', (headers: string[], req) => {
      headers.push(`${SERVED_BY}: legacy`, `${REQUEST_ID}: ${requestIdOf(req.headers)}`);
    });
    this.#sockets.on('wsClientError', ({ message }, socket, req) => {
      this.#refuse(new ProblemError('bad-request', message), { req, socket, startedAt: performance.now() });
    });
    new Gauge({
      name: 'fit_live_connections',
      help: 'Open WebSocket connections for live updates.',
      registers: [options.registry],
      collect() {
        this.set(clients.size);
      },
    });
    this.#heartbeat = setInterval(() => this.#ping(), options.heartbeatMs ?? HEARTBEAT_MS).unref();
  }

  attach(server: Server): void {
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      // Whoever asks for it from now on gets the same one.
      req.headers[REQUEST_ID] = requestIdOf(req.headers);
      void this.#upgrade(req, socket, head);
    });
  }

  /** Closes every connection with 1001; resolves when all are closed, or were cut off. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    clearInterval(this.#heartbeat);
    const open = [...this.#sockets.clients];
    const closed = open.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of open) socket.close(GOING_AWAY, 'the service ends');
    const cutOff = setTimeout(() => open.forEach((socket) => socket.terminate()), CLOSE_TIMEOUT_MS);
    await Promise.all(closed);
    clearTimeout(cutOff);
  }

  async #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const startedAt = performance.now();
    try {
      const identity = await this.#admit(req);
      this.#sockets.handleUpgrade(req, socket, head, (webSocket) => {
        this.#record(req, 101, startedAt);
        this.#serve(webSocket, identity);
      });
    } catch (error) {
      const requestId = requestIdOf(req.headers);
      if (!(error instanceof ProblemError)) {
        this.#options.logger.error({ err: error, requestId }, 'an upgrade failed unexpectedly');
      }
      const problem = error instanceof ProblemError ? error : new ProblemError('internal-error', 'The upgrade failed');
      this.#refuse(problem, { req, socket, startedAt });
    }
  }

  #refuse(
    problem: ProblemError,
    { req, socket, startedAt }: { req: IncomingMessage; socket: Duplex; startedAt: number },
  ): void {
    this.#record(req, problem.status, startedAt);
    answerOnSocket(socket, problem, req, { service: this.#options.service, servedBy: 'legacy' });
  }

  /** An upgrade is over with its handshake; how long the connection lasts afterwards says nothing. */
  #record(req: IncomingMessage, status: number, startedAt: number): void {
    this.#options.record({
      requestId: requestIdOf(req.headers),
      method: req.method ?? 'GET',
      route: pathOf(req) === LIVE_PATH ? LIVE_PATH : UNMATCHED,
      status,
      durationMs: performance.now() - startedAt,
    });
  }

  async #admit(req: IncomingMessage): Promise<Identity> {
    if (pathOf(req) !== LIVE_PATH) throw new ProblemError('not-found', `There is nothing to upgrade at ${pathOf(req)}`);
    if (req.method !== 'GET') {
      throw new ProblemError('method-not-allowed', `${req.method} is not allowed here`, { headers: { allow: 'GET' } });
    }
    if (this.#isDraining) throw new ProblemError('not-ready', 'The service is draining');
    // Joined, two headers are no bearer token.
    const authorization = req.headersDistinct['authorization']?.join(', ');
    const identity = await verifyAuthorization(authorization, { keys: this.#options.keys, audience: 'fit' });
    if (this.#options.feed.count(identity.subject) >= MAX_SOCKETS_A_USER) {
      throw new ProblemError('too-many-requests', `At most ${MAX_SOCKETS_A_USER} live connections a person`, {
        headers: { 'retry-after': '60' },
      });
    }
    return identity;
  }

  #serve(socket: WebSocket, identity: Identity): void {
    const unsubscribe = this.#options.feed.subscribe(identity.subject, (workout) => {
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
      else socket.send(JSON.stringify(workout));
    });
    const validMs = Math.max(0, identity.expiresAt * 1000 - this.#options.now().getTime());
    const expiry = setTimeout(() => socket.close(TOKEN_EXPIRED, 'the token expired'), validMs).unref();
    socket.on('pong', () => this.#silent.delete(socket));
    // A frame that is too large or broken: ws closes the connection with the right code by itself.
    socket.on('error', (error) => this.#options.logger.debug({ err: error }, 'a live connection failed'));
    socket.once('close', () => {
      clearTimeout(expiry);
      unsubscribe();
    });
    if (this.#isDraining) socket.close(GOING_AWAY, 'the service ends');
  }

  /** Cuts off who did not answer the last ping. */
  #ping(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#silent.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#silent.add(socket);
      socket.ping();
    }
  }
}
