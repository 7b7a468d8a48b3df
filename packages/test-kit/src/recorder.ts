import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived on the wire. */
export type RecordedRequest = {
  method: string;
  /** Path and query. */
  url: string;
  /** As sent: names in their own case, doubles kept. */
  rawHeaders: string[];
  /** Lower-case names, as Node joins them. */
  headers: IncomingMessage['headers'];
  body: Buffer;
};

/** What the server does with a request; one that never ends the response makes it hang. */
export type Behaviour = (request: RecordedRequest, res: ServerResponse) => void | Promise<void>;

export type Recorder = AsyncDisposable & {
  url: string;
  /** Every request so far, in order of arrival. */
  requests: RecordedRequest[];
  /** Requests whose path begins so. */
  requestsTo: (path: string) => RecordedRequest[];
  behave: (behaviour: Behaviour) => void;
  /** Resolves once so many requests of a path have arrived. */
  arrived: (path: string, count: number) => Promise<void>;
  /** Resolves when the client has left a request of a path before it was answered. */
  left: (path: string) => Promise<void>;
  /** Stops listening and cuts every connection: from now on the port refuses. */
  refuse: () => Promise<void>;
  /** Listens again, on the same port. */
  listenAgain: () => Promise<void>;
};

/** A real HTTP server on a port of its own that records what it is sent: the far side of a service under test. */
export async function startRecorder(initial: Behaviour): Promise<Recorder> {
  let behaviour = initial;
  const requests: RecordedRequest[] = [];
  const watchers = new Set<() => void>();
  const abandoned: string[] = [];
  const wake = () => watchers.forEach((check) => check());

  const server = createServer((req, res) => {
    res.once('close', () => {
      if (res.writableFinished) return;
      abandoned.push(req.url ?? '');
      wake();
    });
    void readBody(req).then(
      (body) => {
        const request = recorded(req, body);
        requests.push(request);
        wake();
        return behaviour(request, res);
      },
      () => undefined,
    );
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!holds()) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
    });
  const listenOn = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const requestsTo = (path: string) => requests.filter(({ url }) => url.startsWith(path));

  const port = await listenOn(0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    requestsTo,
    behave: (next) => (behaviour = next),
    arrived: (path, count) => until(() => requestsTo(path).length >= count),
    left: (path) => until(() => abandoned.some((url) => url.startsWith(path))),
    refuse,
    listenAgain: async () => void (await listenOn(port)),
    [Symbol.asyncDispose]: refuse,
  };
}

/** Answers with JSON. */
export function sendJson(
  res: ServerResponse,
  value: unknown,
  headers: Record<string, string> = {},
  status = 200,
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

function recorded(req: IncomingMessage, body: Buffer): RecordedRequest {
  return { method: req.method ?? '', url: req.url ?? '', rawHeaders: req.rawHeaders, headers: req.headers, body };
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
