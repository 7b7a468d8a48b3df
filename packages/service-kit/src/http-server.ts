import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type ListeningServer = {
  server: Server;
  /** `http://host:port`, the port as the system chose it. */
  url: string;
  /** Refuses new connections, lets open requests finish. */
  close: () => Promise<void>;
};

export type ListenOptions = {
  host: string;
  port: number;
  /** Node's own, over the defaults below. */
  server?: ServerOptions;
};

/** A client has this long to send its headers, and its whole request. */
const CLIENT_TIMEOUTS: ServerOptions = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 };

const IDLE_SWEEP_MS = 50;

/** Starts an HTTP/1.1 server. Rejects with the system's error if the address cannot be had. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<ListeningServer> {
  const server = createServer({ ...CLIENT_TIMEOUTS, ...options.server }, listener);
  const connections = trackConnections(server);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { address, port, family } = server.address() as AddressInfo;
  return {
    server,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => closeServer(server, connections),
  };
}

function trackConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/**
 * Node itself closes the connections that are idle at that moment. Those that become idle later, their answer sent, and
 * those that never sent a request would keep the server open until they time out.
 */
async function closeServer(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await closed;
  clearInterval(sweep);
}
