import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readiness } from '@fit/service-kit/readiness';
import type { ClientFault } from './fault.ts';
import type { ClientConnection } from './client-connection.ts';

/** Who is to be told what becomes of a response. */
export type ResponseWatcher = {
  /** The response is over, whole or not. */
  closed(): void;
  /** The client has closed its sending side: it may be gone, or still wait for its answer. */
  halfClosed(): void;
  /** Nobody waits for the upstream any more. */
  giveUp(fault: ClientFault): void;
};

/** The answer to a client, with its exchange: one field costs less than three listeners a request. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  exchange: ResponseWatcher | undefined = undefined;
  /** The client sends its body only after `100 Continue`. */
  awaitsContinue = false;
  client: ClientConnection | undefined = undefined;
  readiness: Readiness | undefined = undefined;

  /** `writeHead`; while the edge drains the answer is the last one on its connection. */
  begin(status: number, headers: string[] | Record<string, string>): void {
    if (this.readiness?.state === 'draining') this.shouldKeepAlive = false;
    this.writeHead(status, headers);
  }

  /** Whether it is this answer's turn on its connection; before it, nothing that is written goes out in order. */
  get isItsTurn(): boolean {
    return this.socket !== null;
  }

  /** After this answer the connection ends. */
  beLast(): void {
    if (this.client) this.client.isEnding = true;
    if (!this.headersSent) this.shouldKeepAlive = false;
    else this.once('finish', () => this.req.socket.destroySoon());
  }

  /** Breaks the answer off where it is, after those before it. */
  cut(end: (socket: Socket) => void = (socket) => socket.destroy()): void {
    if (this.socket) end(this.socket);
    else this.once('socket', end);
  }
}
