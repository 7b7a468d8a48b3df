import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { RawHeaders, UpstreamRequest } from './attempt.ts';
import type { Connection } from './connection-pool.ts';

/** An answer that nobody but the edge waits for. */
export type WholeAnswer = { readonly status: number; readonly headers: RawHeaders; readonly body: Buffer };

/** Why there is none; a closed list. `no-answer`: refused, reset, cut, or no HTTP. */
export type MirrorFault = 'too-large' | 'timeout' | 'no-answer';

export type MirrorCallBounds = {
  /** Of the body. */
  readonly maxBodyBytes: number;
  /** From the start of the call to the end of the answer. */
  readonly timeoutMs: number;
};

/** A server that sends more interim answers (1xx) than these to one request is out of order. */
const MOST_INTERIMS = 32;

/**
 * One call whose answer is kept whole, or dropped at its bounds. It is no evidence for the upstream's breakers and takes none
 * of its places; the connection is to be given back when it is over.
 */
export class MirrorCall implements Dispatcher.DispatchHandler {
  readonly #connection: Connection;
  readonly #bounds: MirrorCallBounds;
  readonly #result = Promise.withResolvers<WholeAnswer | MirrorFault>();
  readonly #chunks: Buffer[] = [];
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #fault: MirrorFault | undefined;
  #status = 0;
  #headers: RawHeaders = [];
  #bytes = 0;
  #interims = 0;
  #isHead = false;

  constructor(connection: Connection, bounds: MirrorCallBounds) {
    this.#connection = connection;
    this.#bounds = bounds;
    this.#timer = setTimeout(() => this.#abort('timeout'), bounds.timeoutMs);
  }

  /** Never rejects. */
  async make(request: UpstreamRequest): Promise<WholeAnswer | MirrorFault> {
    this.#isHead = request.method === 'HEAD';
    try {
      this.#connection.client.dispatch(request, this);
    } catch {
      this.#end('no-answer');
    }
    return await this.#result.promise;
  }

  /** Whether any of the answer came, be it whole or not. */
  get hasBegun(): boolean {
    return this.#status !== 0;
  }

  // For undici.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Until there was a connection nothing could be aborted.
    if (this.#fault) this.#abort(this.#fault);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) {
      if (++this.#interims > MOST_INTERIMS) this.#abort('no-answer');
      return;
    }
    this.#status = status;
    this.#headers = controller.rawHeaders as RawHeaders;
    // The length that an answer to a HEAD has is not its own.
    if (!this.#isHead && Number(headers['content-length'] ?? 0) > this.#bounds.maxBodyBytes) this.#abort('too-large');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#bounds.maxBodyBytes) this.#abort('too-large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    // undici takes a reset for the end of an answer that ends with its connection.
    if (this.#connection.isReset) return this.#end('no-answer');
    this.#end({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(): void {
    this.#end('no-answer');
  }

  /** The call is over when undici has let go of its connection. */
  #abort(fault: MirrorFault): void {
    this.#fault ??= fault;
    this.#chunks.length = 0;
    this.#controller?.abort(new Error(`nobody waits for it: ${fault}`));
  }

  #end(result: WholeAnswer | MirrorFault): void {
    clearTimeout(this.#timer);
    this.#result.resolve(this.#fault ?? result);
  }
}
