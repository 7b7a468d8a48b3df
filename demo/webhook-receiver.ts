import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As far as it is looked at here; `docs/webhooks.md` has all of it. */
export type Notification = { id: string; kind: string; route: string; sentence: string; revision: number };

export type Received = { notification: Notification; isSigned: boolean };

export type WebhookReceiver = AsyncDisposable & { url: string; received: readonly Received[] };

/** Somebody who wants to be told, and takes nothing that is not signed for him. */
export async function startWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const isSigned = isFromTheEdge(req.headers['x-edge-signature'], body, secret);
      received.push({ notification: JSON.parse(body.toString()) as Notification, isSigned });
      res.writeHead(isSigned ? 204 : 401).end();
    })().catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/told`,
    received,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function isFromTheEdge(signature: string | string[] | undefined, body: Buffer, secret: string): boolean {
  const [, time, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(signature)) ?? [];
  if (time === undefined || mac === undefined) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(mac, 'hex'));
}
