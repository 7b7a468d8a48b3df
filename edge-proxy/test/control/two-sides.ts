import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const SIDES = ['legacy', 'coach', 'newcomer'] as const;

/** Servers that say who they are, and keep nothing. */
export type Sides = AsyncDisposable & { readonly urls: Readonly<Record<(typeof SIDES)[number], string>> };

export async function startSides(): Promise<Sides> {
  const servers = await Promise.all(SIDES.map(startSide));
  const urls = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    urls: { legacy: urls[0]!, coach: urls[1]!, newcomer: urls[2]! },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await Promise.resolve();
    },
  };
}

async function startSide(name: string): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 120_000 }, (req, res) => {
    req.resume();
    res.writeHead(200, { 'x-served-by': name, 'content-length': 2 }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
