import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { refuseGarbage } from './raw-answer.ts';
import type { Answerer } from './raw-answer.ts';
import { StartError } from './start-error.ts';

export type ListeningServer = {
  server: Server;
  /** `http://host:port`, the port as the system chose it. */
  url: string;
  /** Refuses new connections, lets open requests finish. */
  close: () => Promise<void>;
};

export type ListenOptions<Response extends typeof ServerResponse = typeof ServerResponse> = {
  host: string;
  port: number;
  /** Node's own, over the defaults below. */
  server?: ServerOptions<typeof IncomingMessage, Response>;
  /** The environment variable that chooses the port, for the message; default `PORT`. */
  portVariable?: string;
  /** After it was told to close it goes on listening and answering for so long; default 0. */
  drainDelayMs?: number;
  /** Whether a request of a connection is under way; by default found out by listening to every one of them. */
  isServing?: (socket: Socket) => boolean;
  /** In whose name bytes are refused that are no request; Node's bare status if absent. */
  answersAs?: Answerer;
};

/** A client has this long to send its headers, and its whole request. */
const CLIENT_TIMEOUTS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
};

const IDLE_SWEEP_MS = 50;
const SILENT_PATIENCE_MS = 3000;

/** Starts an HTTP/1.1 server. Rejects with a StartError if the address cannot be had. */
export async function listen<Response extends typeof ServerResponse = typeof ServerResponse>(
  listener: RequestListener<typeof IncomingMessage, Response>,
  options: ListenOptions<Response>,
): Promise<ListeningServer> {
  const server = createServer({ ...CLIENT_TIMEOUTS, ...options.server }, listener);
  const connections = trackConnections(server);
  const isServing = options.isServing ?? trackRequests(server);
  if (options.answersAs) server.on('clientError', refuseGarbage(options.answersAs));
  await bind(server, options);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    server,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      if (options.drainDelayMs) await setTimeout(options.drainDelayMs);
      await closeServer(server, connections, isServing);
    },
  };
}

/** @throws StartError if the address cannot be had */
async function bind(
  server: Server,
  { host, port, portVariable = 'PORT' }: Pick<ListenOptions, 'host' | 'port' | 'portVariable'>,
): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be opened (${code})`;
    throw new StartError('address-unavailable', `${host}:${port} ${why}; choose another with ${portVariable}`, {
      cause,
    });
  }
}

function trackConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function trackRequests(server: Server): (socket: Socket) => boolean {
  const underWay = new WeakMap<Socket, number>();
  const count = (socket: Socket, change: number) => underWay.set(socket, (underWay.get(socket) ?? 0) + change);
  server.on('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    count(socket, 1);
    res.once('close', () => count(socket, -1));
  });
  return (socket) => (underWay.get(socket) ?? 0) > 0;
}

/**
 * Node itself closes the connections that are idle at that moment. Those that become idle later, their answer sent, and
 * those that never sent a request would keep the server open until they time out; so would those in the middle of a
 * head, or of something that never was one, which have a moment to end it.
 */
async function closeServer(
  server: Server,
  connections: ReadonlySet<Socket>,
  isServing: (socket: Socket) => boolean,
): Promise<void> {
  const closed = once(server, 'close');
  const patienceEndsAt = performance.now() + SILENT_PATIENCE_MS;
  // What has come in by now, connections and requests, is taken first: the system would reset it.
  await setImmediate();
  await setImmediate();
  server.close();
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    if (performance.now() < patienceEndsAt) return;
    for (const socket of connections) if (!isServing(socket)) socket.destroy();
  }, IDLE_SWEEP_MS);
  await closed;
  clearInterval(sweep);
}
