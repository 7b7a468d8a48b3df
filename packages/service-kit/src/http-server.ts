import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { closeServer } from './close-server.ts';
import type { ConnectionState } from './close-server.ts';
import { refuseGarbage } from './raw-answer.ts';
import type { Answerer } from './raw-answer.ts';
import { StartError } from './start-error.ts';

export type ListeningServer = {
  server: Server;
  /** `http://host:port`, the port as the system chose it. */
  url: string;
  /** Those that are open. */
  connections: ReadonlySet<Socket>;
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
  /** What is going on on a connection; by default found out by listening to every request. */
  stateOf?: (socket: Socket) => ConnectionState;
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

/** What was accepted last has so long to send its request. */
const LAST_WORD_MS = 250;

/** Starts an HTTP/1.1 server. Rejects with a StartError if the address cannot be had. */
export async function listen<Response extends typeof ServerResponse = typeof ServerResponse>(
  listener: RequestListener<typeof IncomingMessage, Response>,
  options: ListenOptions<Response>,
): Promise<ListeningServer> {
  const server = createServer({ ...CLIENT_TIMEOUTS, ...options.server }, listener);
  const connections = trackConnections(server);
  const stateOf = options.stateOf ?? trackRequests(server);
  if (options.answersAs) server.on('clientError', refuseGarbage(options.answersAs));
  await bind(server, options);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    server,
    connections,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      const { drainDelayMs = 0 } = options;
      if (drainDelayMs > 0) await setTimeout(drainDelayMs);
      await closeServer(server, connections, { stateOf, lastWordMs: Math.min(drainDelayMs, LAST_WORD_MS) });
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
  // One listener for all: a server may have ten thousand connections.
  function forget(this: Socket) {
    open.delete(this);
  }
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', forget);
  });
  return open;
}

function trackRequests(server: Server): (socket: Socket) => ConnectionState {
  const underWay = new WeakMap<Socket, number>();
  const answeredUpTo = new WeakMap<Socket, number>();
  const count = (socket: Socket, change: number) => underWay.set(socket, (underWay.get(socket) ?? 0) + change);
  server.on('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    count(socket, 1);
    res.once('close', () => {
      count(socket, -1);
      answeredUpTo.set(socket, socket.bytesRead);
    });
  });
  return (socket) => {
    if ((underWay.get(socket) ?? 0) > 0 || socket.writableLength > 0) return 'serving';
    return socket.bytesRead === (answeredUpTo.get(socket) ?? 0) ? 'idle' : 'arriving';
  };
}
