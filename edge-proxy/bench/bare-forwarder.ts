import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

/** The floor: what node's server and undici cost with nothing of ours between them. It forwards, and that is all. */

const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const upstream = new Pool(process.env['UPSTREAM_URL'] ?? '', { connections: null, pipelining: 1, allowH2: false });

class Forwarding implements Dispatcher.DispatchHandler {
  readonly #res: ServerResponse;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(res: ServerResponse) {
    this.#res = res;
    res.on('drain', () => this.#controller?.resume());
    res.on('close', () => res.writableFinished || this.#controller?.abort(new Error('the client left')));
  }

  onRequestStart(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
    if (this.#res.destroyed) controller.abort(new Error('the client left'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingMessage['headers']) {
    for (const name of HOP_BY_HOP) delete headers[name];
    if (status >= 200) this.#res.writeHead(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer) {
    if (!this.#res.write(chunk)) controller.pause();
  }

  onResponseEnd() {
    this.#res.end();
  }

  onResponseError() {
    if (this.#res.headersSent) this.#res.destroy();
    else this.#res.writeHead(502).end();
  }
}

const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
  const { method = 'GET', url: path = '/', headers } = req;
  const body = 'content-length' in headers || 'transfer-encoding' in headers ? req : null;
  for (const name of HOP_BY_HOP) delete headers[name];
  upstream.dispatch({ method, path, headers, body }, new Forwarding(res));
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
