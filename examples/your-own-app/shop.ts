import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { text } from 'node:stream/consumers';

/** One request as a handler sees it. */
export type Call = {
  method: string;
  headers: IncomingMessage['headers'];
  cookies: ReadonlyMap<string, string>;
  /** Of an `application/x-www-form-urlencoded` body. */
  form: URLSearchParams;
};

/** JSON, or plain text if the body is a string. */
export type Answer = { status?: number; body: unknown };
/** By method and path: `GET /cart`. */
export type Handlers = Record<string, (call: Call) => Answer | Promise<Answer>>;

/** Reads the claims of a request's bearer token; undefined unless the token is good. */
export type ReadClaims = (authorization: string | undefined) => Promise<{ customer?: unknown } | undefined>;

/** What both shops sell. Each answer names the shop that gave it. */
export function shopHandlers(servedBy: string, readClaims: ReadClaims): Handlers {
  return {
    'GET /cart': ({ cookies }) => ({ body: { servedBy, session: cookies.get('session') ?? null, items: ['tea'] } }),
    'POST /cart': ({ cookies, form }) => ({
      status: 201,
      body: { servedBy, session: cookies.get('session') ?? null, added: form.get('item') },
    }),
    'GET /prices': ({ headers }) => ({ body: { servedBy, tenant: headers['x-tenant'] ?? null, tea: 3.5 } }),
    'GET /orders': async ({ headers }) => {
      const claims = await readClaims(headers.authorization);
      if (!claims) return { status: 401, body: { servedBy, error: 'log in first' } };
      return { body: { servedBy, customer: claims.customer, orders: [1001, 1002] } };
    },
  };
}

/** A port from the environment; ends the process if it is none. */
export function portFrom(variable: string, fallback: number): number {
  const text = process.env[variable] || String(fallback);
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  process.stderr.write(`${variable} must be a port from 0 to 65535, received ${JSON.stringify(text)}\n`);
  return process.exit(2);
}

/** Serves on loopback and says where, until SIGTERM or Ctrl-C. */
export function serve(name: string, port: number, handlers: Handlers): Server {
  const server = createServer((req, res) => {
    void answerTo(req, handlers).then(({ status = 200, body }) => {
      const isText = typeof body === 'string';
      res.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
      res.end(`${isText ? body : JSON.stringify(body)}\n`);
    });
  });
  server.listen(port, '127.0.0.1', () => process.stdout.write(`The ${name} listens on http://127.0.0.1:${port}\n`));
  server.on('error', (error) => {
    process.stderr.write(`The ${name} cannot listen on port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  return server;
}

async function answerTo(req: IncomingMessage, handlers: Handlers): Promise<Answer> {
  const path = (req.url ?? '/').split('?', 1)[0];
  const handler = handlers[`${req.method} ${path}`];
  if (!handler) return { status: 404, body: { error: `There is no ${req.method} ${path}` } };
  try {
    const form = new URLSearchParams(await text(req));
    const cookies = cookiesOf(req.headers.cookie ?? '');
    return await handler({ method: req.method ?? 'GET', headers: req.headers, cookies, form });
  } catch (error) {
    return { status: 500, body: { error: (error as Error).message } };
  }
}

function cookiesOf(header: string): Map<string, string> {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
