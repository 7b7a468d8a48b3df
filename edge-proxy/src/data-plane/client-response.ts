import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Readiness } from '@fit/service-kit/readiness';

/** Who is to be told what becomes of a response. */
export type ResponseWatcher = {
  /** The client has read what was written; there is room for more. */
  drained(): void;
  /** The response is over, whole or not. */
  closed(): void;
  /** The client has closed its sending side: it may be gone, or still wait for its answer. */
  halfClosed(): void;
  /**
   * What the client sent after this request, or within its body, is no HTTP.
   *
   * @returns false if the request itself is broken and no answer to it has begun
   */
  garbled(): boolean;
};

/** The answer to a client, with its exchange: one field costs less than three listeners a request. */
export class ClientResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  exchange: ResponseWatcher | undefined = undefined;
  /** The client sends its body only after `100 Continue`. */
  awaitsContinue = false;
  readiness: Readiness | undefined = undefined;

  /** `writeHead`; while the edge drains the answer is the last one on its connection. */
  begin(status: number, headers: string[] | Record<string, string>): void {
    if (this.readiness?.state === 'draining') this.shouldKeepAlive = false;
    this.writeHead(status, headers);
  }
}
