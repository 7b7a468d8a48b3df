import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server, ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** Starts an HTTP/1.1 server. Rejects with the system's error if the address cannot be had. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<ListeningServer> {
  const server = createServer({ ...CLIENT_TIMEOUTS, ...options.server }, listener);
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { address, port, family } = server.address() as AddressInfo;
  return {
    server,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
